import type { FoundProblem, ProblemPath } from '../../validation/problem.ts';
import { asList, asRecord, asText, isRecord, type UnknownRecord } from '../../validation/unknown-data.ts';
import { readYaml } from '../../validation/yaml.ts';

/**
 * Reads a file that a manifest names.
 *
 * @param from the file that names it; undefined where that is not known
 * @returns its text, and its path, relative to which further files are read
 * @throws Error whose message states why it cannot be read
 */
export type ReadFile = (path: string, from: string | undefined) => { readonly text: string; readonly file: string };

/** The pipeline with the content of every file that it names, and a problem for each that cannot be read. */
export function withFiles(
  manifest: UnknownRecord,
  read: ReadFile,
  from: string | undefined,
): { manifest: UnknownRecord; problems: FoundProblem[] } {
  const problems: FoundProblem[] = [];
  const spec = specWithFiles(asRecord(manifest['spec']), ['spec'], from, []);
  return { manifest: isRecord(manifest['spec']) ? { ...manifest, spec } : manifest, problems };

  function specWithFiles(
    spec: UnknownRecord,
    at: ProblemPath,
    from: string | undefined,
    open: readonly string[],
  ): UnknownRecord {
    if (!Array.isArray(spec['stages'])) return spec;
    const templates: Record<string, unknown> = { ...asRecord(spec['templates']) };
    const stages = asList(spec['stages']).map((stage, index) => {
      if (!isRecord(stage)) return stage;
      return stageWithFiles(stage, [...at, 'stages', index], from, open, templates);
    });
    return { ...spec, ...(Object.keys(templates).length === 0 ? {} : { templates }), stages };
  }

  function stageWithFiles(
    stage: UnknownRecord,
    at: ProblemPath,
    from: string | undefined,
    open: readonly string[],
    templates: Record<string, unknown>,
  ): UnknownRecord {
    const { applicationFile, pipelineFile, ...rest } = stage;
    try {
      if (typeof applicationFile === 'string') {
        const { manifest } = document(applicationFile, from, 'SparkApplication');
        const { name: _, generateName: __, ...metadata } = asRecord(manifest['metadata']);
        // One file of many stages is in the manifest once.
        templates[applicationFile] = { metadata, spec: manifest['spec'] };
        return { ...rest, template: applicationFile };
      }
      if (typeof pipelineFile === 'string') {
        const { manifest, file } = document(pipelineFile, from, 'SparkPipeline');
        if (open.includes(file)) throw new Error('contains itself');
        return {
          ...rest,
          pipeline: specWithFiles(asRecord(manifest['spec']), [...at, 'pipeline'], file, [...open, file]),
        };
      }
    } catch (error) {
      const field = typeof applicationFile === 'string' ? 'applicationFile' : 'pipelineFile';
      const message = error instanceof Error ? error.message : String(error);
      problems.push({ path: [...at, field], value: asText(stage[field]) ?? '', code: 'unreadable_file', message });
      return stage;
    }
    const { pipeline } = stage;
    return isRecord(pipeline)
      ? { ...stage, pipeline: specWithFiles(pipeline, [...at, 'pipeline'], from, open) }
      : stage;
  }

  function document(path: string, from: string | undefined, kind: string): { manifest: UnknownRecord; file: string } {
    const { text, file } = read(path, from);
    const { documents, problems } = readYaml(text);
    const [problem] = problems;
    if (problem !== undefined) throw new Error(`cannot be read, line ${problem.line}: ${problem.message}`);
    const [only, ...more] = documents;
    const manifest = asRecord(only?.value);
    if (more.length > 0 || manifest['kind'] !== kind) throw new Error(`must hold one ${kind} and nothing else`);
    return { manifest, file };
  }
}
