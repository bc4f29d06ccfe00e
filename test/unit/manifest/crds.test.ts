import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { collectPaths, type PropertyPaths } from '../../../scripts/crd-paths.ts';
import { crdFile, customResourceDefinitions } from '../../../scripts/crds.ts';
import { crdPaths } from './crd.ts';

interface Crd {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly names: { readonly kind: keyof typeof crdPaths };
    readonly versions: readonly {
      readonly schema: { readonly openAPIV3Schema: Parameters<typeof collectPaths>[0] };
      readonly additionalPrinterColumns: readonly { readonly name: string }[];
    }[];
  };
}

describe.each(Object.entries(await customResourceDefinitions()))(
  'the CustomResourceDefinition in %s',
  (name, written) => {
    const crd = parse(written) as Crd;
    const { schema, additionalPrinterColumns } = crd.spec.versions[0]!;
    const { kind } = crd.spec.names;

    it('is what scripts/crds.ts writes', () => {
      expect(readFileSync(crdFile(name), 'utf8')).toBe(written);
    });

    it("has the paths of the operator's, each with the same facts", () => {
      const paths: PropertyPaths = {};
      collectPaths(schema.openAPIV3Schema, '', false, paths);
      // The API server's own schema of metadata is open, too.
      expect(paths).toEqual({ ...crdPaths[kind] });
    });

    it('describes every field of the status, and those of the spec that manifests of ours describe', () => {
      const undescribed = describedPaths(schema.openAPIV3Schema, '')
        .filter(([path, text]) => text === undefined && /^(status|spec)\.[^.[]+$/.test(path))
        .map(([path]) => path);
      expect(undescribed).toEqual([]);
    });

    it("prints the operator's columns", () => {
      const columns = additionalPrinterColumns.map((column) => column.name);
      expect(columns).toEqual(
        {
          SparkApplication: ['Suspend', 'Status', 'Attempts', 'Start', 'Finish', 'Age'],
          ScheduledSparkApplication: ['Schedule', 'TimeZone', 'Suspend', 'Last Run', 'Last Run Name', 'Age'],
          SparkConnect: ['Age', 'Status', 'PodName'],
        }[kind],
      );
    });
  },
);

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

function describedPaths({ description, properties = {} }: Described, path: string): [string, string | undefined][] {
  const below = Object.entries(properties).flatMap(([name, property]) =>
    describedPaths(property, path === '' ? name : `${path}.${name}`),
  );
  return [[path, description], ...below];
}
