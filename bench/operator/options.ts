import { parseArgs } from 'node:util';
import { positive } from '../scale/options.ts';

export const OperatorMode = {
  /** Resources that are applied at once, and as many applications that the SDK starts. */
  Burst: 'burst',
  /** Resources whose drivers run: a restart, and memory. */
  Held: 'held',
} as const;
export type OperatorMode = (typeof OperatorMode)[keyof typeof OperatorMode];

export interface OperatorBenchOptions {
  /** @default both */
  readonly modes: readonly OperatorMode[];
  /** Of `burst`: resources, and applications of the SDK. @default 500 */
  readonly applications: number;
  /** Of `burst`: each measures both. @default 3 */
  readonly rounds: number;
  /** Of `held`: resources. @default 5000 */
  readonly held: number;
  /** Of `held`: how long a worker runs before its memory is read. @default 60 */
  readonly settleSeconds: number;
  /** Each mode fails after so long. @default 60 */
  readonly limitMinutes: number;
}

/** @throws Error for an unknown mode or option, or a value that is not a positive number */
export function operatorOptions(args: readonly string[]): OperatorBenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      applications: { type: 'string', default: '500' },
      rounds: { type: 'string', default: '3' },
      held: { type: 'string', default: '5000' },
      'settle-seconds': { type: 'string', default: '60' },
      'limit-minutes': { type: 'string', default: '60' },
    },
  });
  const number = (name: keyof typeof values): number => positive(name, values[name]);
  return {
    modes: positionals.length === 0 ? Object.values(OperatorMode) : positionals.map(modeOf),
    applications: number('applications'),
    rounds: number('rounds'),
    held: number('held'),
    settleSeconds: number('settle-seconds'),
    limitMinutes: number('limit-minutes'),
  };
}

function modeOf(name: string): OperatorMode {
  const known = Object.values(OperatorMode);
  const mode = known.find((each) => each === name);
  if (mode === undefined) throw new Error(`unknown mode "${name}"; known: ${known.join(', ')}`);
  return mode;
}
