import { describe, expect, it } from 'vitest';
import { NativeSubmitter, Submitters, type SparkApplicationSubmitter } from '../../src/submitters/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { withWorker } from '../support/environment.ts';

const cluster = useCluster('shadow');
const native = new NativeSubmitter();

type Render = Required<SparkApplicationSubmitter>['render'];

/** What becomes of an application that is submitted natively while this shadow watches. */
async function watchedBy(name: string, render: Render, options: { readonly timeoutSeconds?: number } = {}) {
  const shadow: SparkApplicationSubmitter = {
    name: 'shadow',
    submit: () => Promise.reject(new Error('A shadow was asked to submit')),
    render,
  };
  const submitters = new Submitters([native, shadow], { shadow: [{ submitter: 'shadow', ...options }] });
  return withWorker(
    cluster.env,
    async () => {
      const application = await cluster.env.spark.start(cluster.pi(name));
      const result = await application.result();
      expect((await application.describe()).status!.shadow).toEqual(result.shadow);
      return result;
    },
    { submitter: submitters },
  );
}

describe('a shadow', () => {
  it('that renders the same objects is reported as the same', async () => {
    const result = await watchedBy('same', (request) => native.render(request));
    expect(result).toMatchObject({ state: 'COMPLETED', submitter: 'native' });
    expect(result.shadow).toEqual({ submitter: 'shadow', result: 'same' });
  });

  it('that renders other objects is reported by the paths, not the values', async () => {
    const result = await watchedBy('different', async (request) => {
      const { pod, dependents } = await native.render(request);
      return {
        pod: { ...pod, spec: { ...pod.spec!, priorityClassName: 'a-secret', hostNetwork: true } },
        dependents,
      };
    });
    expect(result).toMatchObject({ state: 'COMPLETED', submitter: 'native' });
    expect(result.shadow).toMatchObject({ result: 'different', differences: 2 });
    expect(result.shadow!.paths).toContain('/pod/spec/priorityClassName');
    expect(JSON.stringify(result.shadow)).not.toContain('a-secret');
  });

  it.each<[string, Render, string]>([
    [
      'throws',
      () => {
        throw new Error('no idea');
      },
      'no idea',
    ],
    ['never-answers', () => new Promise(() => {}), 'timed out after 1 s'],
    ['answers-rubbish', () => Promise.resolve('rubbish' as never), 'Cannot compare what the shadow rendered'],
  ])('that %s fails nothing', async (name, render, message) => {
    const result = await watchedBy(name, render, { timeoutSeconds: 1 });
    expect(result).toMatchObject({ state: 'COMPLETED', submitter: 'native', shadow: { result: 'failed' } });
    expect(result.shadow!.message).toContain(message);
  });
});
