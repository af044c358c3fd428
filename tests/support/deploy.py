"""Looks at what is deployed on moto's Lambda, IAM and CloudWatch Logs, and acts there as somebody else than mulc would.

Usage: deploy.py state                 JSON: functions, roles and groups of logs, by name
       deploy.py others NAME           makes a function, its role and its logs, without tags
       deploy.py move NAME VERSION     moves the alias `live` of a function
       deploy.py zip NAME VERSION      where the zip of a version lies
"""

import io
import json
import sys
import zipfile

import boto3

# Where the digit example is deployed.
REGION = "eu-central-1"
aws = {name: boto3.client(name, region_name=REGION) for name in ("lambda", "iam", "logs")}


def function(found):
    name = found["FunctionName"]
    whole = aws["lambda"].get_function(FunctionName=name)
    versions = aws["lambda"].list_versions_by_function(FunctionName=name)["Versions"]
    aliases = aws["lambda"].list_aliases(FunctionName=name)["Aliases"]
    try:
        address = aws["lambda"].get_function_url_config(FunctionName=name)["AuthType"]
    except aws["lambda"].exceptions.ResourceNotFoundException:
        address = None
    kept = ("Handler", "Runtime", "MemorySize", "Timeout", "Role", "CodeSha256", "Architectures")
    return {
        **{key: whole["Configuration"].get(key) for key in kept},
        "Variables": whole["Configuration"].get("Environment", {}).get("Variables", {}),
        "Tags": whole.get("Tags", {}),
        "Versions": {one["Version"]: one["CodeSha256"] for one in versions if one["Version"] != "$LATEST"},
        "Aliases": {
            one["Name"]: [one["FunctionVersion"], (one.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {})]
            for one in aliases
        },
        "Address": address,
    }


def role(name):
    names = aws["iam"].list_role_policies(RoleName=name)["PolicyNames"]
    policies = {one: aws["iam"].get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in names}
    tags = aws["iam"].list_role_tags(RoleName=name)["Tags"]
    return {"Policies": policies, "Tags": {tag["Key"]: tag["Value"] for tag in tags}}


def logs(found):
    arn = found["arn"].removesuffix(":*")
    return {"Days": found.get("retentionInDays"), "Tags": aws["logs"].list_tags_for_resource(resourceArn=arn)["tags"]}


command, *rest = sys.argv[1:]
if command == "state":
    functions = aws["lambda"].list_functions()["Functions"]
    state = {
        "functions": {found["FunctionName"]: function(found) for found in functions},
        "roles": {found["RoleName"]: role(found["RoleName"]) for found in aws["iam"].list_roles()["Roles"]},
        "logs": {found["logGroupName"]: logs(found) for found in aws["logs"].describe_log_groups()["logGroups"]},
    }
    json.dump(state, sys.stdout, sort_keys=True)
elif command == "others":
    who = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [who]})
    arn = aws["iam"].create_role(RoleName=rest[0], AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    aws["logs"].create_log_group(logGroupName="/aws/lambda/" + rest[0])
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("bootstrap", "#!/bin/sh\n")
    aws["lambda"].create_function(
        FunctionName=rest[0], Role=arn, Handler="x", Runtime="provided.al2023", Code={"ZipFile": code.getvalue()}
    )
elif command == "move":
    aws["lambda"].update_alias(FunctionName=rest[0], Name="live", FunctionVersion=rest[1])
elif command == "zip":
    found = aws["lambda"].get_function(FunctionName=rest[0], Qualifier=rest[1])
    print(found["Code"]["Location"].removeprefix("file://"))
else:
    sys.exit(__doc__)
