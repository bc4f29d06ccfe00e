import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { submitDuringRestarts } from '../support/api-server-restarts.ts';
import { answerWithoutEnd } from './endless-ui.ts';
import { serveOthers } from './greedy-tenant.ts';
import { runUnderFire } from './pipeline-under-fire.ts';

/** A claim that a command proves, with figures. */
export interface Proof {
  readonly name: string;
  readonly what: string;
  run(seed: string): Promise<ProofResult>;
}

export interface ProofResult {
  /** What was measured. */
  readonly text: string;
  readonly passed: boolean;
}

const ROUNDS = 6;

export const PROOFS: readonly Proof[] = [
  {
    name: 'api-server-restarts',
    what: 'six restarts of the API server, six submissions waiting in each: all 36 complete',
    run: () => withLab({}, restarts),
  },
  {
    name: 'endless-ui',
    what: 'a worker stays below 400 MiB while the UIs of its drivers answer without end',
    run: () => withLab({}, (lab) => answerWithoutEnd(lab, { seconds: 120 })),
  },
  {
    name: 'greedy-tenant',
    what: 'two workers serve others as usual while one tenant sends the worst manifests for five minutes',
    run: () => withLab({}, (lab) => serveOthers(lab, { seconds: 300 })),
  },
  {
    name: 'pipelines',
    what: 'a pipeline in which the worker and the Temporal server are killed six times loses and repeats nothing',
    run: (seed) => withLab({ persistTemporal: true }, (lab) => underFire(lab, seed)),
  },
];

async function withLab(
  options: Partial<Parameters<typeof startLab>[0]>,
  prove: (lab: Lab) => Promise<ProofResult>,
): Promise<ProofResult> {
  const lab = await startLab({ mode: 'simulated', ...options });
  try {
    return await prove(lab);
  } finally {
    await lab.stop();
  }
}

async function restarts(lab: Lab): Promise<ProofResult> {
  const ends = await submitDuringRestarts(lab, ROUNDS);
  const others = ends.filter((end) => !end.endsWith(' COMPLETED'));
  const text = [`${ends.length - others.length} of ${ends.length} COMPLETED`, ...others].join('\n');
  return { text, passed: ends.length === ROUNDS * 6 && others.length === 0 };
}

async function underFire(lab: Lab, seed: string): Promise<ProofResult> {
  const outcome = await runUnderFire(lab, { kills: 6, seed });
  const { units, continued, seconds, state, kills, ...harm } = outcome;
  const harms = Object.entries(harm).flatMap(([what, names]) => names.map((name) => `${what.toUpperCase()}: ${name}`));
  const counts = Object.entries(harm).map(([what, names]) => `${names.length} ${what}`);
  const summary = `${state}: ${units} stages and items, continued as new ${continued} times, ${kills.length} kills, ${seconds.toFixed(0)} s`;
  return {
    text: [...harms, summary, counts.join(', ')].join('\n'),
    passed: state === 'COMPLETED' && harms.length === 0,
  };
}
