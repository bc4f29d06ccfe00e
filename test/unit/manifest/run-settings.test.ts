import { describe, expect, it } from 'vitest';
import { ManifestError, parseSparkApplication } from '../../../src/manifest/index.ts';
import { durationMs } from '../../../src/validation/duration.ts';
import { readRunSettings } from '../../../src/manifest/run-settings.ts';
import { sparkPi } from '../../support/manifests.ts';

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
  ])('%s', (text, ms) => expect(durationMs(text)).toBe(ms));

  it.each(['', '10', '10 m', 'h', '-5s', '1d', '5 minutes'])('%j is not one', (text) =>
    expect(durationMs(text)).toBeUndefined(),
  );
});

describe('settings of a run', () => {
  it('have defaults', () => {
    expect(readRunSettings({})).toEqual({
      settings: {
        startProblemDeadlineMs: 120_000,
        lostNodeDeadlineMs: 600_000,
        backoff: 'linear',
        maxIntervalMs: 31_536_000_000,
        jitter: 0,
        retries: {},
      },
      faults: [],
    });
  });

  it('are read from annotations', () => {
    const { settings, faults } = readRunSettings({
      'temporal-spark/submission-deadline': '5m',
      'temporal-spark/pending-deadline': '10m',
      'temporal-spark/running-deadline': '6h',
      'temporal-spark/restart-backoff': 'exponential',
      'temporal-spark/restart-jitter': '0.25',
      'temporal-spark/restart-retries': 'infrastructure=5, out-of-memory=0',
      'temporal-spark/log-archive': 'all',
    });
    expect(faults).toEqual([]);
    expect(settings).toMatchObject({
      submissionDeadlineMs: 300_000,
      pendingDeadlineMs: 600_000,
      runningDeadlineMs: 21_600_000,
      backoff: 'exponential',
      maxIntervalMs: 600_000,
      jitter: 0.25,
      retries: { infrastructure: 5, 'out-of-memory': 0 },
      archivedLogs: 'all',
    });
  });

  it('that are invalid or misspelled are problems of the manifest, reported at once', () => {
    const manifest = sparkPi();
    manifest.metadata.annotations = {
      'temporal-spark/pending-deadline': '10 minutes',
      'temporal-spark/restart-jitter': '2',
      'temporal-spark/restart-retries': 'infra=5',
      'temporal-spark/log-archive': 'yes',
      'temporal-spark/runing-deadline': '1h',
      'example.org/anything': 'goes',
    };
    const problems = problemsOf(() => parseSparkApplication(manifest));
    expect(problems.map(({ path }) => path.at(-1))).toEqual(
      expect.arrayContaining([
        'temporal-spark/pending-deadline',
        'temporal-spark/restart-jitter',
        'temporal-spark/restart-retries',
        'temporal-spark/log-archive',
        'temporal-spark/runing-deadline',
      ]),
    );
    expect(problems).toHaveLength(5);
    expect(JSON.stringify(problems)).toContain('did you mean \\"temporal-spark/running-deadline\\"');
  });
});

function problemsOf(parse: () => unknown): ManifestError['problems'] {
  try {
    parse();
  } catch (error) {
    if (error instanceof ManifestError) return error.problems;
    throw error;
  }
  throw new Error('The manifest was accepted');
}
