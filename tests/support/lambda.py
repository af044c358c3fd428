"""Looks into moto's Lambda, and makes what a probe needs.

Usage: lambda.py role NAME    makes a role; prints its ARN
       lambda.py functions    JSON: the names of all functions
"""

import json
import sys

import boto3

command, *rest = sys.argv[1:]
if command == "role":
    who = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [who]})
    made = boto3.client("iam").create_role(RoleName=rest[0], AssumeRolePolicyDocument=policy)
    print(made["Role"]["Arn"])
elif command == "functions":
    found = boto3.client("lambda").list_functions()["Functions"]
    json.dump([function["FunctionName"] for function in found], sys.stdout)
else:
    sys.exit(__doc__)
