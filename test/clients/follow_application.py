"""Creates, follows and deletes a SparkApplication, as programs do that were written for the Spark operator.

Usage: follow_application.py NAMESPACE MANIFEST.json; prints one JSON object a line.
"""

import json
import sys

from kubernetes import client, config, watch

GROUP, VERSION, PLURAL = "sparkoperator.k8s.io", "v1beta2", "sparkapplications"


def report(**facts):
    print(json.dumps(facts), flush=True)


def main(namespace, file):
    config.load_kube_config()
    api = client.CustomObjectsApi()
    with open(file, encoding="utf-8") as opened:
        manifest = json.load(opened)
    name = manifest["metadata"]["name"]
    created = api.create_namespaced_custom_object(GROUP, VERSION, namespace, PLURAL, manifest)
    report(created=created["metadata"]["uid"])

    stream = watch.Watch()
    for event in stream.stream(
        api.list_namespaced_custom_object, GROUP, VERSION, namespace, PLURAL,
        field_selector=f"metadata.name={name}", timeout_seconds=300,
    ):
        state = event["object"].get("status", {}).get("applicationState", {}).get("state")
        report(event=event["type"], state=state)
        if state in ("COMPLETED", "FAILED"):
            stream.stop()

    status = api.get_namespaced_custom_object_status(GROUP, VERSION, namespace, PLURAL, name)["status"]
    report(status=status)
    pod = client.CoreV1Api().read_namespaced_pod(status["driverInfo"]["podName"], namespace)
    report(pod=pod.metadata.name, phase=pod.status.phase, labels=pod.metadata.labels)

    api.delete_namespaced_custom_object(GROUP, VERSION, namespace, PLURAL, name)
    try:
        api.get_namespaced_custom_object(GROUP, VERSION, namespace, PLURAL, name)
    except client.ApiException as error:
        report(deleted=error.status)


if __name__ == "__main__":
    main(*sys.argv[1:])
