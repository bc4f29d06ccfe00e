import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the health of a process is made of. */
export interface HealthChecks {
  /** Dependencies, by name: each check rejects if the dependency is unreachable. */
  readonly dependencies: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>>;
  /** Whether it still accepts work, by the kind of work. */
  readonly takesWork: Readonly<Record<string, () => boolean>>;
  /** Milliseconds since it last proved that it does its work. @default it need not */
  canaryAgeMs?(): number;
}

export interface HealthOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly checks: HealthChecks;
  /** Age in milliseconds at which a stale canary fails liveness. @default 180000 */
  readonly maxCanaryAgeMs?: number;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

const CHECK_TIMEOUT_MS = 3_000;
/** A check's answer holds this long: probes and people share it. */
const FRESH_MS = 2_000;

interface Report {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

/**
 * Serves `GET /readyz` and `GET /livez`: 200 or 503, and as JSON what was found.
 *
 * Ready: it accepts work and reaches all dependencies. Alive: its canary is recent, or, without a canary, it answers
 * at all; a stale canary fails liveness only if its dependencies were available all that time, because a restart does
 * not fix an outage.
 */
export async function serveHealth({
  host,
  port,
  checks,
  maxCanaryAgeMs = 180_000,
}: HealthOptions): Promise<HealthServer> {
  const dependencies = new Dependencies(checks.dependencies);
  const ready = async (): Promise<Report> => {
    const found = await dependencies.check();
    const work = Object.entries(checks.takesWork).map(([name, takes]) => [name, takes()] as const);
    return {
      ok: found.ok && work.every(([, taken]) => taken),
      checks: {
        ...Object.fromEntries(work.map(([name, taken]) => [name, taken ? 'ok' : 'shut down'])),
        ...found.checks,
      },
    };
  };
  const alive = async (): Promise<Report> => {
    const ageMs = checks.canaryAgeMs?.();
    if (ageMs === undefined) return { ok: true, checks: {} };
    const age = `${Math.round(ageMs / 1000)} s old`;
    if (ageMs <= maxCanaryAgeMs) return { ok: true, checks: { canary: age } };
    const found = await dependencies.check();
    const stuck = found.ok && dependencies.wellForMs() > maxCanaryAgeMs;
    return { ok: !stuck, checks: { canary: `${age}, at most ${maxCanaryAgeMs / 1000} s expected`, ...found.checks } };
  };
  const server = createServer((request, response) => {
    const probe = { '/readyz': ready, '/livez': alive }[request.url ?? ''];
    if (probe === undefined) answer(response, 404, { ok: false, checks: {} });
    else void probe().then((report) => answer(response, report.ok ? 200 : 503, report));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Asks each dependency at most every two seconds, and remembers since when all are available. */
class Dependencies {
  private readonly checks: HealthChecks['dependencies'];
  private last: { readonly at: number; readonly report: Promise<Report> } | undefined;
  private lastTrouble = performance.now();

  constructor(checks: HealthChecks['dependencies']) {
    this.checks = checks;
  }

  check(): Promise<Report> {
    const now = performance.now();
    if (this.last === undefined || now - this.last.at > FRESH_MS) this.last = { at: now, report: this.ask() };
    return this.last.report;
  }

  wellForMs(): number {
    return performance.now() - this.lastTrouble;
  }

  private async ask(): Promise<Report> {
    const results = await Promise.all(
      Object.entries(this.checks).map(async ([name, check]): Promise<[string, string]> => {
        try {
          await within(check);
          return [name, 'ok'];
        } catch (error) {
          return [name, (error as Error).message];
        }
      }),
    );
    const ok = results.every(([, result]) => result === 'ok');
    if (!ok) this.lastTrouble = performance.now();
    return { ok, checks: Object.fromEntries(results) };
  }
}

/** Some calls do not heed their signal. */
async function within(check: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  const tooLate = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS / 1000} s`)));
  });
  await Promise.race([check(signal), tooLate]);
}

function answer(response: ServerResponse, status: number, report: Report): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(report));
}
