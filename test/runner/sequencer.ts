import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { lastDurations } from './report.ts';

/** The longest files first, so that no long one is left to run alone at the end of its suite. */
export class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const durations = lastDurations();
    const { root } = this.ctx.config;
    const longOnes = (specification: TestSpecification) => durations.get(relative(root, specification.moduleId)) ?? 0;
    // Where none has been measured: by size.
    const sorted = await super.sort(specifications);
    return sorted.toSorted((one, other) => longOnes(other) - longOnes(one));
  }
}
