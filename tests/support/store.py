"""Looks into moto's S3 and writes there, as somebody else than mulc would.

Usage: store.py make BUCKET            an empty bucket
       store.py list BUCKET PREFIX     JSON: the sha256 of every object's content, by key
       store.py uploads BUCKET         JSON: how many uploads in parts were begun and not ended
       store.py put BUCKET KEY FILE    an object
       store.py get BUCKET KEY FILE
"""

import hashlib
import json
import sys

import boto3

s3 = boto3.client("s3")
command, bucket, *rest = sys.argv[1:]
if command == "make":
    s3.create_bucket(Bucket=bucket)
elif command == "list":
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=rest[0])
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    content = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
    json.dump({key: hashlib.sha256(bytes).hexdigest() for key, bytes in content.items()}, sys.stdout)
elif command == "uploads":
    json.dump(len(s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])), sys.stdout)
elif command == "put":
    with open(rest[1], "rb") as file:
        s3.put_object(Bucket=bucket, Key=rest[0], Body=file.read())
elif command == "get":
    with open(rest[1], "wb") as file:
        file.write(s3.get_object(Bucket=bucket, Key=rest[0])["Body"].read())
else:
    sys.exit(__doc__)
