/** The steps of docs/from-kubeflow.md, both ways: a label decides which operator serves a resource. */
import { beforeAll, describe, expect, it } from 'vitest';
import { WorkflowNotFoundError } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { PatchType, Resources } from '../../src/kubernetes/index.ts';
import { statusQuery } from '../../src/protocol/index.ts';
import { Label } from '../../src/spark/metadata.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { useOperator } from '../support/operator-fixture.ts';
import { OtherOperator } from '../support/other-operator.ts';

const cluster = useCluster('handover', { worker: {} });
const { pi, driverOf } = cluster;
const operator = useOperator(cluster);
const { apply, edit, inState } = operator;

const LABEL = 'example.com/served-by';
let other: OtherOperator;

beforeAll(async () => {
  other = new OtherOperator(cluster.env);
  await operator.start({ selector: `${LABEL}=temporal-spark` });
});

const workflowOf = (name: string) => cluster.env.client.workflow.getHandle(`spark/${cluster.env.namespace}/${name}`);

/** Gives a resource to our operator, or takes it back. */
async function serve(name: string, isOurs: boolean): Promise<void> {
  const metadata = { labels: { [LABEL]: isOurs ? 'temporal-spark' : null } };
  const { kubernetes, namespace } = cluster.env;
  await kubernetes.patch(Resources.sparkApplications, namespace, name, PatchType.Merge, { metadata });
}

async function hasEvent(name: string, reason: string): Promise<boolean> {
  const fieldSelector = `involvedObject.name=${name},reason=${reason}`;
  for await (const page of cluster.env.kubernetes.list(Resources.events, cluster.env.namespace, { fieldSelector })) {
    if (page.length > 0) return true;
  }
  return false;
}

const withUi = (name: string) => {
  const manifest = pi(name);
  manifest.spec.sparkUIOptions = { servicePort: 4040 };
  return manifest;
};

/** An edit that our operator runs, to its end. */
async function runsHere(name: string, argument: string): Promise<void> {
  const before = (await operator.get(name))!.status!['submissionID'];
  await edit(name, { arguments: [argument] });
  const after = await eventually('the end of a run of ours', async () => {
    const { status } = await inState(name, 'COMPLETED');
    return status!['submissionID'] !== before && status;
  });
  const driver = await driverOf(name);
  expect(driver!.metadata!.labels).toMatchObject({ [Label.SubmissionId]: after['submissionID'] });
}

describe('an application of another operator', () => {
  it('is left to it while it runs, runs here from the next edit, and goes back the same way', async () => {
    await apply(withUi('handed'));
    await other.submit('handed');
    await serve('handed', true);
    await eventually('an Event', () => hasEvent('handed', 'ServedByAnother'));
    await other.complete('handed');
    await expect(workflowOf('handed').describe()).rejects.toThrow(WorkflowNotFoundError);

    await runsHere('handed', '3');
    expect(
      await eventually('the workflow to end', async () => (await workflowOf('handed').describe()).closeTime),
    ).toBeTruthy();

    await serve('handed', false);
    const { runId } = await workflowOf('handed').describe();
    await edit('handed', { arguments: ['4'] });
    const driver = await other.rerun('handed');
    expect(driver.metadata!.labels![Label.SubmissionId]).toBeUndefined();
    await other.complete('handed');
    const { status } = await inState('handed', 'COMPLETED');
    expect(status).toMatchObject({ executionAttempts: 1 });
    expect((await workflowOf('handed').describe()).runId).toBe(runId);

    await serve('handed', true);
    await runsHere('handed', '5');
  });

  it('that it has suspended is resumed here', async () => {
    await apply(pi('resumed'));
    await other.submit('resumed');
    await edit('resumed', { suspend: true });
    await other.suspend('resumed');
    await serve('resumed', true);
    await eventually('a workflow that is suspended', async () => {
      const { state } = await workflowOf('resumed').query(statusQuery);
      return state === 'SUSPENDED';
    });
    expect(await driverOf('resumed')).toBeUndefined();
    await edit('resumed', { suspend: false });
    await inState('resumed', 'COMPLETED');
  });
});
