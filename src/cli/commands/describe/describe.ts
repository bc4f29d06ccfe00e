import type { SparkClient } from '../../../client/index.ts';
import { forEach } from '../../each.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { findExecution } from '../../find-execution.ts';
import type { NamespaceFlags, OutputFlags, TemporalFlags } from '../../flags.ts';
import { withTemporal } from '../../temporal.ts';
import { pictureOfPipeline } from './describe-pipeline.ts';
import { describeText } from './describe-text.ts';
import { watch, type Picture } from './watch.ts';

export interface DescribeFlags extends TemporalFlags, NamespaceFlags, OutputFlags {
  readonly watch: boolean;
}

/** Prints the state of applications or pipeline runs: what they are doing, or why they make no progress. */
export async function describe(names: readonly string[], flags: DescribeFlags): Promise<ExitCode> {
  if (flags.watch && names.length > 1) {
    throw new CliError(ExitCode.BadInput, '--watch takes one application or pipeline run.');
  }
  const isText = flags.output === 'text';
  const documents: string[] = [];
  const code = await withTemporal(flags, async (temporal) =>
    forEach(names, async (name) => {
      const { spark, client } = temporal;
      const { workflowId, isPipeline } = await findExecution(temporal, name, flags.namespace);
      const read = isPipeline
        ? () => pictureOfPipeline(spark, client, workflowId, flags)
        : () => pictureOf(spark, workflowId, flags);
      if (flags.watch) await watch(read);
      else documents.push((await read()).text(Date.now()));
      return ExitCode.Ok;
    }),
  );
  if (documents.length > 0) console.log(isText || names.length === 1 ? documents.join('\n\n---\n') : listOf(documents));
  return code;
}

const listOf = (documents: readonly string[]): string => `[${documents.join(',')}]`;

async function pictureOf(spark: SparkClient, workflowId: string, { output }: DescribeFlags): Promise<Picture> {
  const description = await spark.describe(workflowId);
  return {
    text: (now) => (output === 'json' ? JSON.stringify(description) : describeText(description, now)),
    final: description.closeTime !== undefined,
  };
}
