import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { parseSparkApplication } from '../../src/manifest/index.ts';
import { attemptIdentity, attemptSubmission, buildDriverObjects } from '../../src/spark/index.ts';
import { Verdict, type Side } from './http2-proxy.ts';
import { manifestOf } from './shapes.ts';
import type { Step } from './step.ts';
import type { Subject } from './subject.ts';

export interface StandInOptions {
  /** Where its home is made. */
  readonly directory: string;
  readonly gate: (step: Step, side: Side) => Promise<Verdict> | undefined;
  readonly subjectOf: (namespace: string, application: string) => Subject | undefined;
  /** How long a client takes. */
  readonly clientMs: number;
}

/** What Spark makes of a random prefix. */
const PREFIX = '0123456789abcdef';

/**
 * Stands in for a Spark distribution whose `bin/spark-submit` is slow, without the seconds of processor time of a JVM:
 * what is under way between the worker's process and that one is the same.
 */
export class StandInSpark {
  readonly home: string;
  private readonly server: Server;
  private readonly options: StandInOptions;

  private constructor(home: string, server: Server, options: StandInOptions) {
    this.home = home;
    this.server = server;
    this.options = options;
  }

  static async start(options: StandInOptions): Promise<StandInSpark> {
    const home = join(options.directory, 'spark');
    const server = createServer();
    const spark = new StandInSpark(home, server, options);
    server.on('request', (request, response) => {
      spark
        .serve(request)
        .then((body) => response.end(JSON.stringify(body)))
        .catch(() => request.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await mkdir(join(home, 'bin'), { recursive: true });
    const command = join(home, 'bin', 'spark-submit');
    const client = join(import.meta.dirname, 'stand-in-client.ts');
    await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${client}' '${url}' "$@"\n`);
    await chmod(command, 0o755);
    return spark;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage): Promise<readonly KubernetesObject[]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const properties = Buffer.concat(chunks).toString();
    const property = (key: string): string =>
      properties
        .split('\n')
        .find((line) => line.startsWith(`${key}=`))!
        .slice(key.length + 1);
    const namespace = property('spark.kubernetes.namespace');
    const application = property('spark.kubernetes.driver.pod.name').replace(/-driver$/, '');
    const step: Step = { link: 'submitter', name: 'spark-submit', namespace, application };
    const side: Side = request.url === '/begin' ? 'before' : 'after';
    const { gate, clientMs, subjectOf } = this.options;
    if ((await gate(step, side)) === Verdict.Lost) throw new Error('lost');
    if (side === 'after') return [];
    await delay(clientMs);
    const subject = subjectOf(namespace, application);
    return subject === undefined ? [] : objectsOf(subject, annotationsIn(properties));
  }
}

/** Of the driver, in this attempt: an edit may have changed them. */
function annotationsIn(properties: string): Record<string, string> {
  const prefix = 'spark.kubernetes.driver.annotation.';
  const lines = properties.split('\n').filter((line) => line.startsWith(prefix));
  return Object.fromEntries(lines.map((line) => line.slice(prefix.length).split('=', 2) as [string, string]));
}

/** Under names such as Spark gives them; the worker puts those of the attempt in their places. */
function objectsOf(
  { point, namespace, application, setting }: Subject,
  annotations: Readonly<Record<string, string>>,
): KubernetesObject[] {
  const identity = attemptIdentity({
    workflowId: 'stand-in',
    firstRunId: 'stand-in',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: application,
    driverPodName: `${application}-driver`,
    submitTime: 0,
  });
  const given = { ...setting.annotations, ...annotations };
  const manifest = parseSparkApplication(manifestOf(point.shape, application, namespace, given));
  const { pod, dependents } = buildDriverObjects(attemptSubmission(manifest, identity), identity);
  const text = JSON.stringify([...dependents, pod])
    .replaceAll(`${identity.resourceNamePrefix}-driver-conf-map`, `spark-drv-${PREFIX}-conf-map`)
    .replaceAll(identity.resourceNamePrefix, `${application}-${PREFIX}`);
  return JSON.parse(text) as KubernetesObject[];
}
