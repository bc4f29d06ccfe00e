import { format, resolveConfig } from 'prettier';
import { stringify } from 'yaml';

/** A file of the chart, by its path in there. */
export const chartFile = (path: string): URL => new URL(`../deploy/helm/temporal-spark/${path}`, import.meta.url);

const style = await resolveConfig(chartFile('values.yaml').pathname);

/** The text of a generated file of the chart. @param script that writes it, for the first line */
export const chartText = (script: string, content: object): Promise<string> =>
  format(`# Written by scripts/${script}; do not edit.\n${stringify(content, { aliasDuplicateObjects: false })}`, {
    ...style,
    parser: 'yaml',
  });
