"""The optimum of selection problems by HiGHS, as mixed-integer programs.

Reads a list of problems from standard input, writes the list of their optima to standard output; null where there is none.

A problem: {"slots": [candidates, ...], "settings": count, "rows": [sum, ...], "goals": [[sum, ...], ...]}. A sum is {"constant": number,
"terms": [term, ...]}, a term {"factor": [by setting], "parts": [[[by setting] by candidate] by slot], "step": null or step}: the
factor times the sum of the parts, rounded up to a multiple of the step where there is one. A row is at most 0. Of a goal the
largest sum counts; the first goal is minimized, and a second one where the first is at most its optimum.
"""

import json
import math
import sys

import highspy


class Model:
    def __init__(self, problem):
        self.h = highspy.Highs()
        self.h.silent()
        self.h.setOptionValue("mip_rel_gap", 0.0)
        self.h.setOptionValue("mip_abs_gap", 0.0)
        self.h.setOptionValue("mip_feasibility_tolerance", 1e-9)
        self.h.setOptionValue("primal_feasibility_tolerance", 1e-9)
        self.problem = problem
        self.settings = problem["settings"]
        # One setting is taken, and under it one candidate a slot.
        self.setting = [self.integer(1) for _ in range(self.settings)]
        self.row({column: 1.0 for column in self.setting}, 1.0, 1.0)
        self.taken = []
        for count in problem["slots"]:
            taken = [[self.integer(1) for _ in range(self.settings)] for _ in range(count)]
            for place, setting in enumerate(self.setting):
                self.row({**{by[place]: 1.0 for by in taken}, setting: -1.0}, 0.0, 0.0)
            self.taken.append(taken)
        for row in problem["rows"]:
            self.at_most(row, 0.0, measure([row]))

    def integer(self, upper):
        self.h.addVar(0, upper)
        column = self.h.getNumCol() - 1
        self.h.changeColIntegrality(column, highspy.HighsVarType.kInteger)
        return column

    def row(self, entries, lower, upper):
        self.h.addRow(lower, upper, len(entries), list(entries), list(entries.values()))

    def sum(self, sum):
        """The terms of a sum as a linear function of the columns."""
        total = {}
        for term in sum["terms"]:
            for place in range(self.settings):
                factor = term["factor"][place]
                parts = {}
                for taken, slot in zip(self.taken, term["parts"]):
                    for by, values in zip(taken, slot):
                        if values[place]:
                            parts[by[place]] = values[place]
                if term["step"] is not None:
                    # So many steps as the sum needs under this setting; those of the others are none.
                    steps = self.integer(highspy.kHighsInf)
                    scaled = {column: value / term["step"] for column, value in parts.items()}
                    self.row({**scaled, steps: -1.0}, -highspy.kHighsInf, 0.0)
                    parts = {steps: term["step"]}
                for column, value in parts.items():
                    total[column] = total.get(column, 0.0) + factor * value
        return total

    def at_most(self, sum, bound, scale, under=None):
        """The sum is at most the bound, or the bound and the column `under`; all in the measure `scale`, so that tolerances mean the
        same for bytes and seconds."""
        scaled = {column: value / scale for column, value in self.sum(sum).items()}
        if under is not None:
            scaled[under] = -1.0
        self.row(scaled, -highspy.kHighsInf, (bound - sum["constant"]) / scale)

    def minimum(self, goal):
        scale = measure(goal)
        if len(goal) == 1:
            for column, value in self.sum(goal[0]).items():
                self.h.changeColCost(column, value / scale)
            constant = goal[0]["constant"]
        else:
            # The least number that no sum is above.
            self.h.addVar(-highspy.kHighsInf, highspy.kHighsInf)
            largest = self.h.getNumCol() - 1
            for sum in goal:
                self.at_most(sum, 0.0, scale, largest)
            self.h.changeColCost(largest, 1.0)
            constant = 0.0
        self.h.run()
        if self.h.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return None
        assert self.h.getModelStatus() == highspy.HighsModelStatus.kOptimal, self.h.getModelStatus()
        return self.h.getInfo().objective_function_value * scale + constant


def measure(sums):
    """A power of ten near the largest part of the terms."""
    terms = [term for sum in sums for term in sum["terms"]]
    largest = max(
        abs(factor * value)
        for term in terms
        for slot in term["parts"]
        for values in slot
        for factor, value in zip(term["factor"], values)
    )
    return 10.0 ** round(math.log10(largest))


def main():
    optima = []
    for problem in json.load(sys.stdin):
        first, *others = problem["goals"]
        found = [Model(problem).minimum(first)]
        if found[0] is not None and others:
            model = Model(problem)
            for sum in first:
                model.at_most(sum, found[0] + 1e-9 * abs(found[0]), measure([sum]))
            found.append(model.minimum(others[0]))
        optima.append(found)
    json.dump(optima, sys.stdout)


main()
