import { stringify } from 'yaml';
import { ExitCode } from '../exit-code.ts';
import { readApplications } from '../read-manifests.ts';
import { renderedObjects } from '../output/rendered-objects.ts';

/** Prints the objects a submission would create, as YAML; creates nothing and asks no server. */
export async function render(file: string, options: { readonly prune?: boolean }): Promise<ExitCode> {
  printObjects((await readApplications(file, options)).flatMap(renderedObjects));
  return ExitCode.Ok;
}

/** Prints objects as the documents of one YAML text. */
export function printObjects(objects: readonly object[]): void {
  console.log(
    [
      '# What the native submitter would create. A real submission has its own submission ID in the names, labels and\n' +
        '# annotations, and every object but the pod belongs to the pod (ownerReferences). The workers add the node affinity\n' +
        '# and tolerations of their placement configuration.',
      ...objects.map((document) => stringify(document, { lineWidth: 0 }).trimEnd()),
    ].join('\n---\n'),
  );
}
