import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { expect, it } from 'vitest';

const LINES = 300;
const MUTABLE_FIELDS = 16;

/** Written by scripts, and not meant to be read from top to bottom. */
const GENERATED = ['src/manifest/manifest-types.ts'];

const root = join(import.meta.dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

it(`no file of src/ and lab/ has more than ${LINES} lines`, () => {
  const files = globSync('{src,lab}/**/*.{ts,mts,js,mjs}', { cwd: root }).sort();
  expect(files.length).toBeGreaterThan(300);
  const linesOf = (file: string): number => read(file).trimEnd().split('\n').length;
  const long = files.filter((file) => !GENERATED.includes(file) && linesOf(file) > LINES);
  expect(long.map((file) => `${file}: ${linesOf(file)} lines`)).toEqual([]);
});

it(`the workflow of an application has at most ${MUTABLE_FIELDS} fields that change`, () => {
  const files = globSync('src/workflows/application/*.ts', { cwd: root });
  const fields = files.flatMap(mutableFields);
  expect(fields).toContain('Attempt.at');
  expect(fields.length, fields.join(', ')).toBeLessThanOrEqual(MUTABLE_FIELDS);
});

/** `Class.field` of each field of a class that is not readonly, or that is a collection. */
function mutableFields(file: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  return source.statements.filter(ts.isClassDeclaration).flatMap(({ name, members }) =>
    members
      .filter(ts.isPropertyDeclaration)
      .filter(
        ({ modifiers, initializer }) =>
          modifiers?.every(({ kind }) => kind !== ts.SyntaxKind.ReadonlyKeyword) !== false ||
          (initializer !== undefined && /^new (Map|Set)\b/.test(initializer.getText(source))),
      )
      .map((member) => `${name!.text}.${member.name.getText(source)}`),
  );
}
