// Runs functions of a blob of machine code on frames of numbers and tensors, on the processor that the code is for.
//
//     machine BLOB CALLS ANSWERS
//
// It knows of the runtime's table what numeric code needs: room for tensors, copies, exchanges. All files are 64-bit words, least
// byte first. CALLS: how many, then for each the place in the blob, the fuel, and the cells: how many, then for each 0 for
// nothing, 1 and a number's bits, or 2, bytes of an element, rank, dimensions, elements padded to whole words. ANSWERS: for each
// call the status, the fuel that is left, and the cells again.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef struct { uint64_t data, len; uint64_t *dims; uint64_t rank; } Cell;
typedef struct { void *const *table; uint64_t fuel; const uint32_t *picks; } Context;
typedef uint32_t Entry(Context *, Cell *);

static Cell *frame;
static uint64_t *sizes; // by cell, the bytes of an element; 0 for no tensor

static void *room(uint64_t bytes) {
    void *memory = calloc(1, bytes + 64);
    if (!memory) exit(3);
    return memory;
}

static uint32_t tensor(Context *context, Cell *cell, uint32_t dtype, uint32_t rank, const uint64_t *dims) {
    static const uint64_t bytes[] = {1, 1, 4, 8, 4, 8};
    (void)context;
    cell->len = 1;
    cell->rank = rank;
    cell->dims = room(rank * 8);
    for (uint32_t i = 0; i < rank; i++) cell->len *= cell->dims[i] = dims[i];
    sizes[cell - frame] = bytes[dtype];
    // Elements are aligned to themselves alone, and what was there before is not zero.
    char *data = (char *)room(cell->len * bytes[dtype] + 8) + bytes[dtype];
    memset(data, 0x5a, cell->len * bytes[dtype]);
    cell->data = (uint64_t)data;
    return 0;
}

static void copy(Context *context, Cell *to, const Cell *from) {
    (void)context;
    *to = *from;
    sizes[to - frame] = sizes[from - frame];
}

static void swap(Context *context, Cell *a, Cell *b) {
    (void)context;
    Cell cell = *a;
    uint64_t size = sizes[a - frame];
    *a = *b;
    sizes[a - frame] = sizes[b - frame];
    *b = cell;
    sizes[b - frame] = size;
}

static void release(Context *context, Cell *first, uint64_t count) {
    (void)context, (void)first, (void)count;
}

static uint32_t refuse(void) { return 1; }

static void *const table[] = {refuse, refuse, refuse, tensor, copy, swap, release, refuse, refuse, refuse};

static uint64_t *words(const char *path, uint64_t *bytes) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) exit(3);
    *bytes = (uint64_t)ftell(file);
    rewind(file);
    uint64_t *all = room(*bytes);
    if (fread(all, 1, *bytes, file) != *bytes) exit(3);
    fclose(file);
    return all;
}

int main(int count, char **names) {
    uint64_t bytes, ignored;
    if (count != 4) return 2;
    const uint64_t *blob = words(names[1], &bytes), *in = words(names[2], &ignored);
    char *code = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED) return 3;
    memcpy(code, blob, bytes);
    if (mprotect(code, bytes, PROT_READ | PROT_EXEC)) return 3;
    __builtin___clear_cache(code, code + bytes);
    FILE *out = fopen(names[3], "wb");
    if (!out) return 3;
    for (uint64_t calls = *in++; calls > 0; calls--) {
        uint64_t place = *in++;
        Context context = {table, *in++, 0};
        uint64_t cells = *in++;
        frame = room(cells * sizeof(Cell));
        sizes = room(cells * 8);
        for (uint64_t i = 0; i < cells; i++) {
            uint64_t kind = *in++;
            if (kind == 1) frame[i].data = *in++;
            if (kind != 2) continue;
            sizes[i] = *in++;
            frame[i].rank = *in++;
            frame[i].dims = (uint64_t *)in;
            frame[i].len = 1;
            for (uint64_t axis = 0; axis < frame[i].rank; axis++) frame[i].len *= *in++;
            frame[i].data = (uint64_t)in;
            in += (frame[i].len * sizes[i] + 7) / 8;
        }
        uint64_t answer[2] = {((Entry *)(code + place))(&context, frame), 0};
        answer[1] = context.fuel;
        fwrite(answer, 8, 2, out);
        for (uint64_t i = 0; i < cells; i++) {
            uint64_t kind = sizes[i] && frame[i].data ? 2 : 1;
            fwrite(&kind, 8, 1, out);
            if (kind == 1) {
                fwrite(&frame[i].data, 8, 1, out);
                continue;
            }
            fwrite(&sizes[i], 8, 1, out);
            fwrite(&frame[i].rank, 8, 1, out);
            fwrite(frame[i].dims, 8, frame[i].rank, out);
            uint64_t size = frame[i].len * sizes[i], none = 0;
            fwrite((void *)frame[i].data, 1, size, out);
            fwrite(&none, 1, (8 - size % 8) % 8, out);
        }
    }
    return fclose(out) ? 3 : 0;
}
