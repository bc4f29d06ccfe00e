import type { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { SparkClient, type StartApplicationOptions } from '../../../src/client/index.ts';
import { sparkPi } from '../../support/manifests.ts';
import { pipelineOf, step } from '../../support/pipelines.ts';

// Anything that is asked of Temporal fails.
const spark = new SparkClient({} as Client);
const terminate = { conflict: 'TERMINATE_EXISTING' } as unknown as StartApplicationOptions;

describe('the conflict policy TERMINATE_EXISTING', () => {
  it('is refused for an application, whose driver would run on', async () => {
    await expect(spark.start(sparkPi({ name: 'pi' }), terminate)).rejects.toThrow(
      'Cannot start the application spark/default/pi with the conflict policy TERMINATE_EXISTING: what the running one ' +
        'started would run on. Kill it, wait for its result, then start it.',
    );
  });

  it('is refused for a pipeline, whose stages would run on', async () => {
    await expect(
      spark.pipelines.start(pipelineOf('daily', [step('a')]), { run: 'today', ...(terminate as object) }),
    ).rejects.toThrow(
      'Cannot start the pipeline pipeline/default/daily/today with the conflict policy TERMINATE_EXISTING',
    );
  });
});
