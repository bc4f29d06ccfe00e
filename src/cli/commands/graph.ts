import { existsSync } from 'node:fs';
import type { SparkPipelineManifest } from '../../manifest/index.ts';
import { pipelineManifestQuery } from '../../protocol/index.ts';
import { CliError, ExitCode } from '../exit-code.ts';
import { toDot, toMermaid } from '../graph/text.ts';
import { pipelineGraph, type PipelineGraph } from '../graph/pipeline-graph.ts';
import { readManifests } from '../read-manifests.ts';
import { withTemporal, type TemporalOptions } from '../temporal.ts';

export interface GraphOptions extends TemporalOptions {
  readonly output: 'svg' | 'mermaid' | 'dot';
}

/** Draws the pipeline of a file, or one that runs or has ended, coloured by the states of its stages. A file comes first. */
export async function graph(fileOrId: string, options: GraphOptions): Promise<ExitCode> {
  const isRun = fileOrId.startsWith('pipeline/') && !existsSync(fileOrId);
  const drawn = isRun ? await ofRun(fileOrId, options) : await ofFile(fileOrId);
  console.log(await text(drawn, options.output));
  return ExitCode.Ok;
}

async function ofFile(file: string): Promise<PipelineGraph> {
  for (const manifest of await readManifests(file)) {
    if (manifest.kind === 'SparkPipeline') return pipelineGraph(manifest);
    if (manifest.kind === 'ScheduledSparkPipeline') {
      const { apiVersion, metadata, spec } = manifest;
      return pipelineGraph({ apiVersion, kind: 'SparkPipeline', metadata, spec: spec.template });
    }
  }
  throw new CliError(ExitCode.BadInput, `${file} holds no pipeline.`);
}

async function ofRun(workflowId: string, options: TemporalOptions): Promise<PipelineGraph> {
  return withTemporal(options, async ({ spark, client }) => {
    const status = await spark.pipelines.get(workflowId).status();
    const manifest: SparkPipelineManifest = await client.workflow.getHandle(workflowId).query(pipelineManifestQuery);
    return pipelineGraph(manifest, status);
  });
}

async function text(drawn: PipelineGraph, output: GraphOptions['output']): Promise<string> {
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
