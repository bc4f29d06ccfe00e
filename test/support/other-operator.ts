import { randomUUID } from 'node:crypto';
import { eventually } from '../../lab/eventually.ts';
import { PatchType, Resources, type CustomObject, type KubernetesClient } from '../../src/kubernetes/index.ts';
import type { OwnerReference, Pod } from '../../src/kubernetes/objects.ts';
import { asRecord } from '../../src/validation/unknown-data.ts';

/** Acts for one resource as the Spark operator of Kubeflow does, as far as others see it: driver, UI Service, status. */
export class OtherOperator {
  private readonly kubernetes: KubernetesClient;
  private readonly namespace: string;

  constructor({ kubernetes, namespace }: { readonly kubernetes: KubernetesClient; readonly namespace: string }) {
    this.kubernetes = kubernetes;
    this.namespace = namespace;
  }

  /** Submits it; its driver runs until `complete`. */
  async submit(name: string): Promise<Pod> {
    const resource = await this.resource(name);
    const submissionId = randomUUID();
    const { executionAttempts = 0, submissionAttempts = 0 } = asRecord(resource.status);
    await this.createService(resource);
    await this.createDriver(resource, submissionId);
    await this.report(name, {
      applicationState: { state: 'SUBMITTED' },
      driverInfo: { podName: `${name}-driver`, webUIServiceName: `${name}-ui-svc`, webUIPort: 4040 },
      executionAttempts: Number(executionAttempts) + 1,
      submissionAttempts: Number(submissionAttempts) + 1,
      submissionID: submissionId,
      lastSubmissionAttemptTime: new Date().toISOString(),
      terminationTime: null,
    });
    const driver = await this.driver(name, 'Running');
    await this.report(name, { applicationState: { state: 'RUNNING' } });
    return driver;
  }

  /** Its driver ends with success. */
  async complete(name: string): Promise<void> {
    const metadata = { annotations: { 'lab.temporal-spark/run-seconds': '0' } };
    await this.kubernetes.patch(Resources.pods, this.namespace, `${name}-driver`, PatchType.Merge, { metadata });
    await this.driver(name, 'Succeeded');
    await this.report(name, {
      applicationState: { state: 'SUCCEEDING' },
      terminationTime: new Date().toISOString(),
    });
    await this.report(name, { applicationState: { state: 'COMPLETED' } });
  }

  /** What it does about an edit: it deletes the driver of either operator, and submits again. */
  async rerun(name: string): Promise<Pod> {
    await this.report(name, { applicationState: { state: 'INVALIDATING' } });
    await this.kubernetes.delete(Resources.pods, this.namespace, `${name}-driver`);
    await this.kubernetes.delete(Resources.services, this.namespace, `${name}-ui-svc`);
    await this.gone(name);
    await this.report(name, {
      applicationState: { state: 'PENDING_RERUN' },
      executionAttempts: 0,
      submissionAttempts: 0,
    });
    return this.submit(name);
  }

  /** It has deleted the driver on request. */
  async suspend(name: string): Promise<void> {
    await this.report(name, { applicationState: { state: 'SUSPENDING' } });
    await this.kubernetes.delete(Resources.pods, this.namespace, `${name}-driver`);
    await this.gone(name);
    await this.report(name, { applicationState: { state: 'SUSPENDED' }, driverInfo: { podName: null } });
  }

  private async resource(name: string): Promise<CustomObject> {
    const found = await this.kubernetes.get(Resources.sparkApplications, this.namespace, name);
    if (found === undefined) throw new Error(`SparkApplication ${name} does not exist`);
    return found;
  }

  private report(name: string, status: object): Promise<CustomObject> {
    const kind = Resources.sparkApplicationStatuses;
    return this.kubernetes.patch(kind, this.namespace, name, PatchType.Merge, { status });
  }

  private async createDriver({ metadata = {} }: CustomObject, submissionId: string): Promise<void> {
    const { name = '' } = metadata;
    await this.kubernetes.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-driver`,
        namespace: this.namespace,
        labels: { ...selectorOf(name), 'sparkoperator.k8s.io/submission-id': submissionId },
        annotations: { 'lab.temporal-spark/run-seconds': 'forever' },
        ownerReferences: [ownerOf(metadata)],
      },
      spec: { serviceAccountName: 'spark', containers: [{ name: 'spark-kubernetes-driver', image: 'spark' }] },
    });
  }

  private async createService({ metadata = {} }: CustomObject): Promise<void> {
    const { name = '' } = metadata;
    await this.kubernetes.create(Resources.services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `${name}-ui-svc`, namespace: this.namespace, ownerReferences: [ownerOf(metadata)] },
      spec: { selector: selectorOf(name), ports: [{ name: 'spark-driver-ui-port', port: 4040 }] },
    });
  }

  private driver(name: string, phase: string): Promise<Pod> {
    return eventually(`the driver of ${name} to be ${phase}`, async () => {
      const pod = await this.kubernetes.get(Resources.pods, this.namespace, `${name}-driver`);
      return pod?.status?.phase === phase && pod;
    });
  }

  private gone(name: string): Promise<unknown> {
    return eventually(`the driver of ${name} to go`, async () => {
      return (await this.kubernetes.get(Resources.pods, this.namespace, `${name}-driver`)) === undefined;
    });
  }
}

const selectorOf = (name: string): Record<string, string> => ({
  'sparkoperator.k8s.io/app-name': name,
  'spark-role': 'driver',
});

const ownerOf = ({ name = '', uid = '' }: NonNullable<CustomObject['metadata']>): OwnerReference => ({
  ...{ apiVersion: 'sparkoperator.k8s.io/v1beta2', kind: 'SparkApplication', name, uid },
  ...{ controller: true, blockOwnerDeletion: true },
});
