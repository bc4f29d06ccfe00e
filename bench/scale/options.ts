import { parseArgs } from 'node:util';

export const ScaleMode = {
  Burst: 'burst',
  Steady: 'steady',
  Held: 'held',
  Recovery: 'recovery',
  Growth: 'growth',
} as const;
export type ScaleMode = (typeof ScaleMode)[keyof typeof ScaleMode];

export interface ScaleOptions {
  /** @default all, in the order of `ScaleMode` */
  readonly modes: readonly ScaleMode[];
  /** Of a burst, and of the operator's burst. @default 500, 40 */
  readonly applications: number;
  readonly operatorApplications: number;
  /** Of `burst`: each measures ours and the ceiling. @default 3 */
  readonly rounds: number;
  /** Of `steady`: applications a minute, and minutes. @default 500, 10 */
  readonly rate: number;
  readonly minutes: number;
  /** Of `held` and `recovery`: running applications. @default 2000 */
  readonly running: number;
  /** Of `held`: how long the CPU at rest is measured. @default 60 */
  readonly restSeconds: number;
  /** Of `growth`: one burst each. @default 100, 500, 2000, 5000 */
  readonly sizes: readonly number[];
  /** Each mode fails after so long. @default 45 */
  readonly limitMinutes: number;
  /** Directory for V8 CPU profiles of the threads of each worker, which then measures slower. @default none */
  readonly cpuProfiles?: string;
}

/** @throws Error for an unknown mode or option, or a value that is not a positive number */
export function scaleOptions(args: readonly string[]): ScaleOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      applications: { type: 'string', default: '500' },
      'operator-applications': { type: 'string', default: '40' },
      rounds: { type: 'string', default: '3' },
      rate: { type: 'string', default: '500' },
      minutes: { type: 'string', default: '10' },
      running: { type: 'string', default: '2000' },
      'rest-seconds': { type: 'string', default: '60' },
      sizes: { type: 'string', default: '100,500,2000,5000' },
      'limit-minutes': { type: 'string', default: '45' },
      'cpu-profiles': { type: 'string' },
    },
  });
  const number = (name: keyof typeof values): number => positive(name, values[name] ?? '');
  const { 'cpu-profiles': cpuProfiles } = values;
  return {
    modes: positionals.length === 0 ? Object.values(ScaleMode) : positionals.map(modeOf),
    applications: number('applications'),
    operatorApplications: number('operator-applications'),
    rounds: number('rounds'),
    rate: number('rate'),
    minutes: number('minutes'),
    running: number('running'),
    restSeconds: number('rest-seconds'),
    sizes: values.sizes.split(',').map((size) => positive('sizes', size)),
    limitMinutes: number('limit-minutes'),
    ...(cpuProfiles === undefined ? {} : { cpuProfiles }),
  };
}

function modeOf(name: string): ScaleMode {
  const known = Object.values(ScaleMode);
  const mode = known.find((each) => each === name);
  if (mode === undefined) throw new Error(`unknown mode "${name}"; known: ${known.join(', ')}`);
  return mode;
}

/** @throws Error */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a positive number, not "${text}"`);
  return value;
}
