// A separate process, so that it measures no other garbage: how many MiB it grows from the 100th native
// submission to the 2,000th, its resident set and its heap, each after a collection. It gets the kubeconfig.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connectKubernetes } from '../src/kubernetes/index.ts';
import { NativeSubmitter } from '../src/submitters/index.ts';
import { measure } from './measure.ts';
import { application, newNamespace } from './submission.ts';

export interface Growth {
  readonly rssGrownMiB: number;
  readonly heapGrownMiB: number;
}

const FROM = 100;
const TO = 2_000;
const IN_FLIGHT = 32;
const MEBIBYTE = 1024 * 1024;

const [, , kubeconfig] = process.argv;
const kubernetes = await connectKubernetes({ kubeconfig: kubeconfig! });
const submitter = new NativeSubmitter();
const namespace = await newNamespace(kubernetes, 'flat');
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const submitUpTo = async (from: number, to: number): Promise<{ readonly rss: number; readonly heapUsed: number }> => {
  const { signal } = new AbortController();
  await measure(to - from, IN_FLIGHT, (index) =>
    submitter.submit(application(namespace, from + index), { kubernetes, signal }),
  );
  collect();
  return process.memoryUsage();
};

const before = await submitUpTo(0, FROM);
const after = await submitUpTo(FROM, TO);
kubernetes.close();
process.send!({
  rssGrownMiB: (after.rss - before.rss) / MEBIBYTE,
  heapGrownMiB: (after.heapUsed - before.heapUsed) / MEBIBYTE,
} satisfies Growth);
