import { describe, expect, it } from 'vitest';
import { missedTargets, SUBMITTERS_TARGETS } from '../../../bench/targets.ts';

const met = {
  nativeRateOverSparkSubmit: 60,
  batchRateOverSparkSubmit: 400,
  sparkSubmitCpuOverNative: 100,
  sparkSubmitCpuOverBatch: 2_000,
  batchWritesSavedPercent: 25,
  rssGrownMiB: -3,
};

describe('the targets of the submitters', () => {
  it('are met by figures at their bounds', () => {
    expect(missedTargets(met, SUBMITTERS_TARGETS)).toEqual([]);
  });

  it.each([
    ['nativeRateOverSparkSubmit', 59.9, 'at least 60'],
    ['batchRateOverSparkSubmit', 59.9, 'at least 60'],
    ['sparkSubmitCpuOverNative', 99.9, 'at least 100'],
    ['sparkSubmitCpuOverBatch', 99.9, 'at least 100'],
    ['batchWritesSavedPercent', 24.9, 'at least 25'],
    ['rssGrownMiB', 50, 'less than 50'],
    ['rssGrownMiB', NaN, 'less than 50'],
  ])('are missed where %s is %d', (figure, value, wanted) => {
    expect(missedTargets({ ...met, [figure]: value }, SUBMITTERS_TARGETS)).toEqual([
      `${figure} is ${value}, and should be ${wanted}`,
    ]);
  });

  it('are missed where a figure is absent', () => {
    expect(missedTargets({}, SUBMITTERS_TARGETS)).toHaveLength(SUBMITTERS_TARGETS.length);
  });
});
