import { ExitCode } from '../exit-code.ts';
import { withTemporal, type TemporalOptions } from '../temporal.ts';
import { workflowIdOf } from '../workflow-id.ts';

/** Asks an application to stop: its driver is ended gracefully, recorded, and let go. */
export async function kill(application: string, options: TemporalOptions): Promise<ExitCode> {
  return withTemporal(options, async ({ spark }) => {
    const workflowId = workflowIdOf(application);
    await spark.kill(workflowId);
    console.log(`${workflowId} is being stopped; see it end:  temporal-spark describe ${workflowId}`);
    return ExitCode.Ok;
  });
}
