import * as z from 'zod';
import { formatted } from '../../validation/formats.ts';
import type { SparkApplicationSubmitter } from '../contract.ts';
import { target } from './share.ts';

export const canarySchema = z.strictObject({
  submitter: formatted('dns-1123-label').describe('Submitter of this percentage.'),
  ...target,
  percent: z
    .number()
    .min(0)
    .max(100)
    .describe('Of those applications; the same ones on each worker, and more of them as it grows.'),
  stepBack: z
    .strictObject({
      failurePercent: z
        .number()
        .min(0)
        .max(100)
        .exactOptional()
        .describe('Percentage of them that may fail. Default: 20.'),
      windowSeconds: z
        .number()
        .positive()
        .exactOptional()
        .describe('Only submissions of the last N seconds count. Default: 300.'),
      atLeast: z
        .int()
        .positive()
        .exactOptional()
        .describe('Submissions needed before the percentage counts. Default: 10.'),
    })
    .exactOptional()
    .describe('When a worker stops the trial: percent counts as 0 from then on, until this entry is changed.'),
});

type CanaryConfiguration = z.output<typeof canarySchema>;

/** A submission by a canary; its result counts. */
export interface CanaryTrial {
  readonly submitter: SparkApplicationSubmitter;
  /** The submission succeeded. */
  succeeded(): void;
  /** It failed, possibly because of the submitter; returns why the canary was stopped, if this failure stopped it. */
  failed(): string | undefined;
}

/** Recent failures of one canary on this worker, and whether they exceed its limit. */
export class Canary {
  readonly configuration: CanaryConfiguration;
  private steppedBack = false;
  private readonly outcomes: { readonly at: number; readonly failed: boolean }[] = [];

  constructor(configuration: CanaryConfiguration) {
    this.configuration = configuration;
  }

  /** Percentage of its applications that it submits. */
  get percent(): number {
    return this.steppedBack ? 0 : this.configuration.percent;
  }

  /** @param at milliseconds. @default now */
  succeeded(at: number = Date.now()): void {
    this.record({ at, failed: false });
  }

  /** Returns why it is stopped, if this failure stops it. @param at milliseconds. @default now */
  failed(at: number = Date.now()): string | undefined {
    const { failurePercent = 20, windowSeconds = 300, atLeast = 10 } = this.configuration.stepBack ?? {};
    this.record({ at, failed: true });
    const count = this.outcomes.length;
    const failures = this.outcomes.filter(({ failed }) => failed).length;
    if (this.steppedBack || count < atLeast || failures / count <= failurePercent / 100) return undefined;
    this.steppedBack = true;
    return `${failures} of its ${count} submissions in ${windowSeconds} s failed, more than ${failurePercent} %`;
  }

  private record(outcome: { readonly at: number; readonly failed: boolean }): void {
    const { windowSeconds = 300 } = this.configuration.stepBack ?? {};
    this.outcomes.push(outcome);
    while (this.outcomes[0]!.at < outcome.at - windowSeconds * 1000) this.outcomes.shift();
  }
}
