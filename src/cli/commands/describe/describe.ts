import type { SparkApplicationDescription } from '../../../client/index.ts';
import { forEach } from '../../each.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { findExecution } from '../../find-execution.ts';
import type { ClusterFlags, NamespaceFlags, TemporalFlags } from '../../flags.ts';
import { withTemporal, type Temporal } from '../../temporal.ts';
import { applicationLinks, type LinkFlags } from './application-links.ts';
import { pictureOfPipeline } from './describe-pipeline.ts';
import { describeText } from './describe-text.ts';
import { driverEvidence } from './driver-evidence.ts';
import { watch, type DescribedState, type Picture } from './watch.ts';

export interface DescribeFlags extends TemporalFlags, NamespaceFlags, ClusterFlags, LinkFlags {
  readonly watch: boolean;
  readonly output: 'text' | 'json' | 'yaml';
}

/** Prints the state of applications or pipeline runs: what they are doing, or why they make no progress. */
export async function describe(names: readonly string[], flags: DescribeFlags): Promise<ExitCode> {
  if (flags.watch && names.length > 1) {
    throw new CliError(ExitCode.BadInput, '--watch takes one application or pipeline run.');
  }
  const printed = await formatter(flags.output);
  const documents: string[] = [];
  const code = await withTemporal(flags, async (temporal) =>
    forEach(names, async (name) => {
      const { workflowId, isPipeline } = await findExecution(temporal, name, flags.namespace);
      const read = async () => {
        const picture = isPipeline
          ? await pictureOfPipeline(temporal, workflowId, flags)
          : await pictureOf(temporal, workflowId, flags);
        return printed(picture);
      };
      if (flags.watch) await watch(read);
      else documents.push((await read()).text(Date.now()));
      return ExitCode.Ok;
    }),
  );
  if (documents.length > 0) console.log(joined(documents, flags.output));
  return code;
}

async function formatter(output: DescribeFlags['output']): Promise<(state: DescribedState) => Picture> {
  switch (output) {
    case 'text':
      return (state) => state;
    case 'json':
      return ({ document, final }) => ({ text: () => JSON.stringify(document), final });
    case 'yaml': {
      const { stringify } = await import('yaml');
      // Dates as texts, as in JSON.
      const plain = (document: object): unknown => JSON.parse(JSON.stringify(document));
      return ({ document, final }) => ({ text: () => stringify(plain(document), { lineWidth: 0 }).trimEnd(), final });
    }
    default:
      return output satisfies never;
  }
}

function joined(documents: readonly string[], output: DescribeFlags['output']): string {
  switch (output) {
    case 'text':
      return documents.join('\n\n---\n');
    case 'yaml':
      return documents.join('\n---\n');
    case 'json':
      return documents.length === 1 ? documents[0]! : `[${documents.join(',')}]`;
    default:
      return output satisfies never;
  }
}

async function pictureOf(temporal: Temporal, workflowId: string, flags: DescribeFlags): Promise<DescribedState> {
  const description = await temporal.spark.describe(workflowId);
  const final = description.closeTime !== undefined;
  const surroundings = flags.output === 'text' ? await surroundingsOf(temporal, description, flags) : {};
  return { text: (now) => describeText(description, now, surroundings), document: description, final };
}

/** Of one that is watched the cluster is asked only at the end: its log and its Events would change all the time. */
async function surroundingsOf(
  { spark, namespace }: Temporal,
  description: SparkApplicationDescription,
  flags: DescribeFlags,
) {
  const isAsked = !flags.watch || description.closeTime !== undefined;
  const [evidence, links] = await Promise.all([
    isAsked ? driverEvidence(spark, description, flags) : undefined,
    applicationLinks(description, namespace, flags),
  ]);
  return { evidence, links };
}
