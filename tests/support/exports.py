"""What an account of moto holds, and stacks made in it from templates.

    exports.py stack TEMPLATE NAME ZIP    puts the zip where the template looks for it and makes the stack
    exports.py holds                      prints what there is, as JSON, without what differs from one making to the next
"""

import json
import sys

import boto3

CONFIGURATION = [
    "Handler", "Runtime", "Architectures", "MemorySize", "Timeout", "EphemeralStorage", "Environment", "KMSKeyArn",
    "DeadLetterConfig", "Role", "CodeSha256",
]


def make(template, name, zip_file):
    with open(template) as file:
        body = file.read()
    parameters = json.loads(body)["Parameters"]
    bucket = parameters["CodeBucket"].get("Default", "code")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=bucket)
    with open(zip_file, "rb") as file:
        s3.put_object(Bucket=bucket, Key=parameters["CodeKey"]["Default"], Body=file.read())
    formation = boto3.client("cloudformation")
    given = [{"ParameterKey": "CodeBucket", "ParameterValue": bucket}]
    formation.create_stack(
        StackName=name, TemplateBody=body, Parameters=given, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    status = formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    assert status == "CREATE_COMPLETE", status


def holds():
    functions = boto3.client("lambda")
    roles = boto3.client("iam")
    logs = boto3.client("logs")
    there = {"functions": {}, "roles": {}, "logs": {}}
    for function in functions.list_functions()["Functions"]:
        name = function["FunctionName"]
        aliases = functions.list_aliases(FunctionName=name)["Aliases"]
        versions = functions.list_versions_by_function(FunctionName=name)["Versions"]
        whole = functions.get_function(FunctionName=name)
        there["functions"][name] = {
            "configuration": {key: function.get(key) for key in CONFIGURATION},
            "network": {key: function.get("VpcConfig", {}).get(key) for key in ["SubnetIds", "SecurityGroupIds"]},
            "reserved": whole.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
            "aliases": {alias["Name"]: alias["FunctionVersion"] for alias in aliases},
            "versions": sorted(version["Version"] for version in versions),
            "tags": own(whole.get("Tags", {})),
        }
    for role in roles.list_roles()["Roles"]:
        name = role["RoleName"]
        whole = roles.get_role(RoleName=name)["Role"]
        policies = roles.list_role_policies(RoleName=name)["PolicyNames"]
        document = lambda policy: roles.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        there["roles"][name] = {
            "trust": whole["AssumeRolePolicyDocument"],
            "boundary": whole.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "policies": {policy: document(policy) for policy in policies},
            "tags": own({tag["Key"]: tag["Value"] for tag in whole.get("Tags", [])}),
        }
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        there["logs"][name] = {"days": group.get("retentionInDays"), "tags": own(logs.list_tags_log_group(logGroupName=name)["tags"])}
    print(json.dumps(there, sort_keys=True))


def own(tags):
    """Without what CloudFormation adds."""
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


if sys.argv[1] == "stack":
    make(*sys.argv[2:])
else:
    holds()
