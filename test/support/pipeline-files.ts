import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { sparkPi } from './manifests.ts';
import { pipelineOf } from './pipelines.ts';

/** Writes `etl.yaml`: a pipeline of the application in `extract.yaml`, and of a step that fails by default. Returns its path. */
export async function writePipelineFiles(directory: string, namespace: string): Promise<string> {
  const application = sparkPi({
    namespace,
    annotations: { 'lab.temporal-spark/termination-message': '{"rows": 7}' },
  });
  await writeFile(join(directory, 'extract.yaml'), stringify(application));
  const manifest = pipelineOf(
    namespace,
    [
      {
        name: 'extract',
        applicationFile: 'extract.yaml',
        overrides: { arguments: ['${{ params.date }}'] },
        outputs: { rows: 'int' },
      },
      { name: 'load', dependsOn: ['extract'], workflow: { type: 'step', args: [{ fail: '${{ params.fault }}' }] } },
    ],
    {
      parameters: {
        date: { type: 'string' },
        fault: { type: 'string', default: 'no luck' },
        sizes: { type: 'list<int>', default: [] },
      },
    },
    namespace,
  );
  const file = join(directory, 'etl.yaml');
  await writeFile(file, stringify(manifest));
  return file;
}
