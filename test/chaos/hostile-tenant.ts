import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { checks } from '../support/hostile/checks.ts';

export interface HostileTenantOptions {
  readonly taskQueue: string;
  /** Of each manifest. */
  readonly bytes: number;
  /** Manifests at once. @default 2 */
  readonly atOnce?: number;
}

/** So long between two manifests of one sender. */
const PAUSE_MS = 50;
const WORST = 8;
const MANIFESTS = checks.filter(({ name }) => /^a (manifest with|pipeline)/.test(name));

/** Those manifests of the fuzz corpus, of so many bytes, that take longest to refuse. */
export function worstManifests(bytes: number): readonly { readonly name: string; readonly manifest: unknown }[] {
  const refused = MANIFESTS.flatMap(({ name, hostile, run }) =>
    Object.entries(hostile).flatMap(([input, make]) => {
      const manifest = make(bytes);
      const begun = performance.now();
      try {
        run(manifest as never);
        return [];
      } catch {
        return [{ name: `${name}: ${input}`, manifest, ms: performance.now() - begun }];
      }
    }),
  );
  return refused.toSorted((one, other) => other.ms - one.ms).slice(0, WORST);
}

/** A tenant that sends the worst manifests, and messages that no one should send, to workers that it shares. */
export class HostileTenant {
  /** Workflows that it started. */
  started = 0;
  private readonly client: Client;
  private readonly options: HostileTenantOptions;
  private readonly stopping = new AbortController();
  private readonly senders: Promise<void>[];

  constructor(client: Client, options: HostileTenantOptions) {
    this.client = client;
    this.options = options;
    const worst = worstManifests(options.bytes).map(({ manifest }) => manifest);
    this.senders = Array.from({ length: options.atOnce ?? 2 }, (_, first) => this.send(worst, first));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.senders);
  }

  private async send(manifests: readonly unknown[], first: number): Promise<void> {
    for (let n = first; !this.stopping.signal.aborted; n += 1) {
      const manifest = manifests[n % manifests.length] as { kind: string };
      await this.submit(manifest).catch(() => undefined);
      await delay(PAUSE_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** Resolves when the workers have refused it. */
  private async submit(manifest: { kind: string }): Promise<void> {
    const { taskQueue } = this.options;
    const workflowId = `spark/greedy/${randomUUID()}`;
    const type = manifest.kind === 'SparkPipeline' ? 'sparkPipeline' : 'sparkApplication';
    const options = { workflowId, taskQueue, args: [manifest] };
    const workflow = await this.client.workflow.start(type, options);
    this.started += 1;
    await workflow.signal('driverProgress', { submissionId: 1, progress: 'soon' }).catch(() => undefined);
    await workflow.signal('semaphoreGranted').catch(() => undefined);
    await workflow.result().catch(() => undefined);
  }
}
