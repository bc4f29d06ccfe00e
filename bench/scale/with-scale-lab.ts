import { ScaleLab, type ScaleLabOptions } from './scale-lab.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface LimitedLabOptions extends Omit<ScaleLabOptions, 'signal'> {
  /** The lab is stopped after so long, and the measurement fails. */
  readonly limitMinutes: number;
}

/** A lab for one measurement; it is stopped with it, also where this process is interrupted. */
export async function withScaleLab<T>(
  { limitMinutes, ...options }: LimitedLabOptions,
  measure: (lab: ScaleLab) => Promise<T>,
): Promise<T> {
  // Temporal's runtime listens to these, too, so the lab leaves them to others.
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('interrupted'));
  for (const name of SIGNALS) process.once(name, interrupt);
  const signal = AbortSignal.any([AbortSignal.timeout(60_000 * limitMinutes), interrupted.signal]);
  const lab = await ScaleLab.start({ ...options, signal });
  try {
    return await measure(lab);
  } finally {
    await lab.stop();
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
