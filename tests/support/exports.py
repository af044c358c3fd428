"""What an account of moto holds, and stacks made in it from templates.

    exports.py stack TEMPLATE NAME ZIP    puts the zip where the template looks for it and makes the stack
    exports.py role NAME                  makes a role that Lambda may take
    exports.py holds                      prints what there is, as JSON, without what differs from one making to the next
"""

import ast
import json
import sys

import boto3

CONFIGURATION = [
    "Handler", "Runtime", "Architectures", "MemorySize", "Timeout", "EphemeralStorage", "Environment", "KMSKeyArn",
    "DeadLetterConfig", "Role", "CodeSha256",
]


def make(template, name, zip_file):
    with open(template) as file:
        body = json.load(file)
    # moto knows neither aliases nor addresses in stacks, nor what stands on them.
    unknown = ["AWS::Lambda::Alias", "AWS::Lambda::Permission", "AWS::Lambda::Url"]
    body["Resources"] = {id: made for id, made in body["Resources"].items() if made["Type"] not in unknown}
    del body["Outputs"]
    parameters = body["Parameters"]
    bucket = parameters["CodeBucket"].get("Default", "code")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=bucket)
    with open(zip_file, "rb") as file:
        s3.put_object(Bucket=bucket, Key=parameters["CodeKey"]["Default"], Body=file.read())
    formation = boto3.client("cloudformation")
    given = [{"ParameterKey": "CodeBucket", "ParameterValue": bucket}]
    formation.create_stack(
        StackName=name, TemplateBody=json.dumps(body), Parameters=given, Capabilities=["CAPABILITY_NAMED_IAM"]
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
            "auth": address(functions, name, [alias["Name"] for alias in aliases]),
        }
    for role in roles.list_roles()["Roles"]:
        name = role["RoleName"]
        whole = roles.get_role(RoleName=name)["Role"]
        policies = roles.list_role_policies(RoleName=name)["PolicyNames"]
        document = lambda policy: parsed(roles.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
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


def address(functions, name, aliases):
    """Who may call the first alias' address."""
    try:
        return functions.get_function_url_config(FunctionName=name, Qualifier=aliases[0])["AuthType"]
    except (IndexError, functions.exceptions.ResourceNotFoundException):
        return None


def parsed(document):
    """moto keeps the policies of stacks as Python prints them."""
    return ast.literal_eval(document) if isinstance(document, str) else document


def own(tags):
    """Without what CloudFormation adds."""
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def role(name):
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    boto3.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))


if __name__ == "__main__":
    {"stack": make, "role": role, "holds": holds}[sys.argv[1]](*sys.argv[2:])
