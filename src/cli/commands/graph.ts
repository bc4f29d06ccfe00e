import { existsSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { CliError, ExitCode } from '../exit-code.ts';
import {
  addTemporalFlags,
  namespaceFlag,
  type CommandContext,
  type NamespaceFlags,
  type TemporalFlags,
} from '../flags.ts';
import type { PipelineGraph } from '../graph/pipeline-graph.ts';
import { toDot, toMermaid } from '../graph/text.ts';
import { withTemporal } from '../temporal.ts';

interface GraphFlags extends TemporalFlags, NamespaceFlags {
  readonly output: 'svg' | 'mermaid' | 'dot';
}

export function declareGraph(program: Command, { end }: CommandContext): void {
  addTemporalFlags(program.command('graph'))
    .description('Draw a pipeline; a run is coloured by the states of its stages')
    .argument('<pipeline>', 'YAML or JSON file, - for standard input, or name/run, namespace/name/run, or workflow id')
    .addOption(namespaceFlag())
    .addOption(new Option('-o, --output <format>', 'Output format').choices(['svg', 'mermaid', 'dot']).default('svg'))
    .action(async (pipeline: string, flags: GraphFlags) => end(await graph(pipeline, flags)));
}

/** Where a file has the name of a run, the file is drawn; a name with a slash that is not a file is a run. */
async function graph(fileOrId: string, flags: GraphFlags): Promise<ExitCode> {
  const isFile = fileOrId === '-' || existsSync(fileOrId) || /\.(?:ya?ml|json)$/.test(fileOrId);
  const isRun = !isFile && fileOrId.includes('/');
  const drawn = isRun ? await graphOfRun(fileOrId, flags) : await graphOfFile(fileOrId);
  console.log(await text(drawn, flags.output));
  return ExitCode.Ok;
}

async function graphOfFile(file: string): Promise<PipelineGraph> {
  const { readManifests } = await import('../read-manifests.ts');
  const { pipelineGraph } = await import('../graph/pipeline-graph.ts');
  for (const manifest of await readManifests(file)) {
    if (manifest.kind === 'SparkPipeline') return pipelineGraph(manifest);
    if (manifest.kind === 'ScheduledSparkPipeline') {
      const { apiVersion, metadata, spec } = manifest;
      return pipelineGraph({ apiVersion, kind: 'SparkPipeline', metadata, spec: spec.template });
    }
  }
  throw new CliError(ExitCode.BadInput, `${file} has no SparkPipeline.`);
}

async function graphOfRun(given: string, flags: GraphFlags): Promise<PipelineGraph> {
  const { pipelineGraph } = await import('../graph/pipeline-graph.ts');
  const { findPipelineRun } = await import('../find-kind.ts');
  return withTemporal(flags, async (temporal) => {
    const workflowId = await findPipelineRun(temporal, given, { namespace: flags.namespace, verb: 'draw' });
    const { pipelines } = temporal.spark;
    const status = await pipelines.get(workflowId).status();
    const { manifest } = await pipelines.manifest(workflowId);
    return pipelineGraph(manifest, status);
  });
}

async function text(drawn: PipelineGraph, output: GraphFlags['output']): Promise<string> {
  switch (output) {
    case 'dot':
      return toDot(drawn);
    case 'mermaid':
      return toMermaid(drawn);
    case 'svg':
      return (await import('../graph/svg.ts')).toSvg(drawn);
    default:
      return output satisfies never;
  }
}
