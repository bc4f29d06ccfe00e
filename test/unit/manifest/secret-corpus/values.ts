const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
let state = 4711;

/** Text as a generator of keys makes it, the same in every run. */
export function random(length: number, alphabet = BASE62): string {
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return alphabet[Math.floor((state / 2 ** 31) * alphabet.length)];
  }).join('');
}
export const hex = (length: number): string => random(length, '0123456789abcdef');
export const capitals = (length: number): string => random(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
export const uuid = (): string => [8, 4, 4, 4, 12].map(hex).join('-');
export const signed = (): string => `eyJ${random(20)}.eyJ${random(40)}.${random(43)}`;

export type Pair = readonly [key: string, value: string];
export const variable = ([name, value]: Pair): Record<string, unknown> => ({ driver: { env: [{ name, value }] } });
export const conf = ([key, value]: Pair): Record<string, unknown> => ({ sparkConf: { [key]: value } });
export const hadoop = ([key, value]: Pair): Record<string, unknown> => ({ hadoopConf: { [key]: value } });
export const annotation = ([key, value]: Pair): Record<string, unknown> => ({
  executor: { annotations: { [key]: value } },
});
export const words = (text: string): Record<string, unknown> => ({ arguments: text.split(' ') });
export const text = (value: string): Record<string, unknown> => ({ arguments: [value] });
export const shell = (value: string): Record<string, unknown> => ({
  driver: { lifecycle: { preStop: { exec: { command: ['sh', '-c', value] } } } },
});
export const uri = (value: string): Record<string, unknown> => ({ mainApplicationFile: value });
