import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../../lab/contract.ts';
import { eventually } from '../../lab/eventually.ts';
import { workerKubeconfig } from '../support/chart-rights.ts';
import { connectEnvironment } from '../support/environment.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { makeNamespace } from '../support/namespace.ts';
import { startLaneProcess } from './lane-worker.ts';
import type { ProofResult } from './proofs.ts';
import { startProxies } from './worker-proxies.ts';

const DRIVERS = 10;
const LIMIT_MIB = 400;
const CHUNK = Buffer.alloc(256 * 1024, ' ');
/** The worker asks as often as it can. */
const TIMINGS = { progressMs: 1_000, progressRetryMs: 1_000, progressRetryAtMostMs: 1_000 };
/** A refusal of a megabyte, in the words of admission plugins: nothing that a pattern may search from each of them. */
const REFUSAL = JSON.stringify({
  kind: 'Status',
  code: 403,
  reason: 'Forbidden',
  message: 'error looking up service account '.repeat(30_000),
});
const KILLED_WITHIN_MS = 30_000;
const PROGRESS = /\/pods\/[^/]+\/proxy\//;

/**
 * Measures the memory of a worker, and how soon it carries out kills, while the UIs of its drivers answer in turn with
 * blanks that never end and with a long refusal.
 */
export async function answerWithoutEnd(lab: Lab, { seconds }: { readonly seconds: number }): Promise<ProofResult> {
  const namespace = await makeNamespace(lab.kubeconfig, 'endless');
  const { kubeconfig, temporal } = { ...lab, temporal: lab.temporal! };
  const env = await connectEnvironment({ kubeconfig, temporalAddress: temporal.address, namespace });
  let requests = 0;
  let refusals = 0;
  let bytes = 0;
  const proxies = await startProxies(lab, {
    name: namespace,
    kubeconfig: await workerKubeconfig(kubeconfig, namespace),
    gate: () => undefined,
    answer({ path }) {
      if (!PROGRESS.test(path)) return undefined;
      requests += 1;
      if (requests % 2 === 0) {
        refusals += 1;
        return { status: 403, body: Readable.from([REFUSAL]) };
      }
      const body = new Readable({
        read() {
          bytes += CHUNK.length;
          this.push(CHUNK);
        },
      });
      return { status: 200, body };
    },
  });
  const worker = await startLaneProcess({
    kubeconfig: proxies.kubeconfig,
    temporalAddress: proxies.temporalAddress,
    taskQueue: env.taskQueue,
    env: { TEMPORAL_SPARK_TIMINGS: JSON.stringify(TIMINGS) },
  });
  try {
    const names = Array.from({ length: DRIVERS }, (_, index) => `endless-${index + 1}`);
    const applications = await Promise.all(
      names.map((name) => env.spark.start(sparkPi({ name, namespace, annotations: RUN_FOREVER }))),
    );
    await eventually('a request for progress', () => requests > 0);
    await delay(seconds * 1_000);
    const states = await Promise.all(applications.map(async (each) => (await each.describe()).status?.state));
    const peak = await peakMiB(worker.pid);
    const begun = performance.now();
    await Promise.all(applications.map((each) => each.kill()));
    const ends = await Promise.all(
      applications.map((each) =>
        each.result().then(
          ({ state }) => state,
          (error: unknown) => String(error),
        ),
      ),
    );
    const killedMs = performance.now() - begun;
    const running = states.filter((state) => state === 'RUNNING').length;
    const text = [
      `${DRIVERS} drivers, ${seconds} s: ${requests} requests for progress answered with ${(bytes / 2 ** 20).toFixed(0)} MiB and ${refusals} refusals`,
      `resident memory of the worker at most ${peak.toFixed(0)} MiB; limit ${LIMIT_MIB} MiB`,
      `${running} of ${DRIVERS} running at the end, ${ends.length} ended by a kill within ${(killedMs / 1_000).toFixed(1)} s`,
    ].join('\n');
    const isServed = running === DRIVERS && killedMs < KILLED_WITHIN_MS;
    // A limit is only tried by as many bytes.
    const isTried = bytes >= DRIVERS * 2 ** 20 && refusals >= DRIVERS;
    return { text, passed: isTried && isServed && peak < LIMIT_MIB };
  } finally {
    await worker.end();
    proxies.close();
    await env.close();
  }
}

/** Of a process, since its start. */
async function peakMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}
