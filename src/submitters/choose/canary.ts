import * as z from 'zod';
import { formatted } from '../../validation/formats.ts';
import type { SparkApplicationSubmitter } from '../contract.ts';
import { target } from './share.ts';

export const canarySchema = z.strictObject({
  submitter: formatted('dns-1123-label').describe('Who submits this percentage.'),
  ...target,
  percent: z
    .number()
    .min(0)
    .max(100)
    .describe('Of those applications; the same ones on each worker, and more of them as it grows.'),
  stepBack: z
    .strictObject({
      failurePercent: z.number().min(0).max(100).exactOptional().describe('The most that may fail. Default: 20.'),
      windowSeconds: z.number().positive().exactOptional().describe('Of the last so many seconds. Default: 300.'),
      atLeast: z.int().positive().exactOptional().describe('Submissions that it takes to judge. Default: 10.'),
    })
    .exactOptional()
    .describe('When a worker gives it up: percent counts as 0 from then on, until this entry is changed.'),
});

type CanaryConfiguration = z.output<typeof canarySchema>;

/** A submission that a canary makes; how it ends counts. */
export interface CanaryTrial {
  readonly submitter: SparkApplicationSubmitter;
  /** The submission came about. */
  succeeded(): void;
  /** It failed, by what may be the submitter's fault; returns why the canary was given up, where it was for this. */
  failed(): string | undefined;
}

/** How often one canary has failed of late, on this worker, and whether that was too often. */
export class Canary {
  readonly configuration: CanaryConfiguration;
  private steppedBack = false;
  private readonly outcomes: { readonly at: number; readonly failed: boolean }[] = [];

  constructor(configuration: CanaryConfiguration) {
    this.configuration = configuration;
  }

  /** Percentage of the applications it is for that it gets. */
  get percent(): number {
    return this.steppedBack ? 0 : this.configuration.percent;
  }

  /** @param at milliseconds. @default now */
  succeeded(at: number = Date.now()): void {
    this.record({ at, failed: false });
  }

  /** Returns why it is given up, where it is for this failure. @param at milliseconds. @default now */
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
