/** The Spark version that an image's tag begins with, as `apache/spark:4.1.4-java21` or `spark:v3.5.9`. */
export function sparkVersionOfImage(image: string | undefined): string | undefined {
  const tag = /:([^:/@]+)(?:@[^@]*)?$/.exec(image ?? '')?.[1] ?? '';
  return /^(?:spark-?)?v?(\d+\.\d+\.\d+(?:-preview\d+)?)(?=$|[-_+])/.exec(tag)?.[1];
}
