import { formatProblems } from '../../../validation/problems.ts';
import { printable } from '../../output/printable.ts';
import type { FileReport } from './check-file.ts';

export type ReportFormat = 'text' | 'json' | 'github';

/** Prints reports: the text and GitHub's annotations as they come, JSON as one array at the end. */
export interface ReportPrinter {
  add(report: FileReport): void;
  end(): void;
}

export function reportPrinter(format: ReportFormat): ReportPrinter {
  switch (format) {
    case 'text':
      return textPrinter();
    case 'json': {
      const documents: object[] = [];
      return {
        add: (report) => documents.push(documentOf(report)),
        end: () => console.log(JSON.stringify(documents)),
      };
    }
    case 'github':
      return {
        add: (report) => {
          for (const line of annotations(report)) console.log(printable(line));
        },
        end: () => undefined,
      };
    default:
      return format satisfies never;
  }
}

/** Problems come last, after what is valid. */
function textPrinter(): ReportPrinter {
  const failures: string[] = [];
  return {
    add: ({ path, valid, clusters, notes, failure }) => {
      for (const note of notes) console.error(`Note: ${note}`);
      const by = clusters === undefined ? '' : ` on ${clusters}`;
      for (const { kind, namespace, name } of valid) {
        console.log(`${path}: ${kind} ${namespace}/${name} is valid${by}`);
      }
      if (failure !== undefined) failures.push(failure.message);
    },
    end: () => {
      if (failures.length > 0) console.error(printable(failures.join('\n')));
    },
  };
}

const documentOf = ({ path, valid, clusters, notes, failure }: FileReport): object => ({
  ...{ file: path, valid, clusters, notes, problems: failure?.problems ?? [] },
});

/** Workflow commands of GitHub Actions, which it shows at the line of the file. */
function annotations({ path, notes, failure }: FileReport): readonly string[] {
  return [
    ...notes.map((note) => annotation('notice', { file: path }, note)),
    ...(failure?.problems ?? []).map(({ file = path, line, column: col, ...problem }) =>
      annotation('error', { file, line, col }, formatProblems([{ ...problem, document: 1 }])),
    ),
  ];
}

type Place = Readonly<Record<string, string | number | undefined>>;

function annotation(command: 'error' | 'notice', place: Place, text: string): string {
  const properties = Object.entries(place).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${escaped(String(value), /[%\r\n:,]/g)}`],
  );
  return `::${command} ${properties.join(',')}::${escaped(text, /[%\r\n]/g)}`;
}

const escaped = (text: string, characters: RegExp): string => text.replaceAll(characters, encodeURIComponent);
