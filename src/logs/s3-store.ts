import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import type { ArchiveStore, ReadOptions, StoredObject } from './archive-store.ts';
import { present } from '../validation/present.ts';

/** Which bucket, and where. Credentials come from where AWS clients look: environment, files, roles of pods and nodes. */
export interface S3Location {
  readonly bucket: string;
  /** Before the names of all objects, without slashes at its ends. @default none */
  readonly prefix?: string;
  /** Of another service than AWS. @default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else that of AWS */
  readonly endpoint?: string;
  /** @default AWS_REGION, else that of the profile, else us-east-1 where there is an endpoint */
  readonly region?: string;
  /** Names the bucket in the path instead of the host. @default true where there is an endpoint */
  readonly pathStyle?: boolean;
}

/** Of a part of an upload: S3 takes none that is smaller, but for the last, and 10,000 at most. */
const UPLOAD_PART_BYTES = 8 * 2 ** 20;
const CONNECT_TIMEOUT_MS = 5_000;
/** Until a store answers; what it answers may take as long as the reader does. */
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * An archive in a bucket of any store that speaks S3 and takes `If-None-Match: *`: of two workers that follow one log,
 * one creates the next part.
 */
export class S3Store implements ArchiveStore {
  readonly url: string;
  private readonly bucket: string;
  private readonly prefix: string;
  private readonly client: S3Client;

  constructor({ bucket, prefix = '', endpoint, region, pathStyle }: S3Location, answerTimeoutMs = ANSWER_TIMEOUT_MS) {
    this.bucket = bucket;
    this.prefix = prefix === '' ? '' : `${prefix}/`;
    this.url = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
    const isElsewhere = endpoint !== undefined;
    this.client = new S3Client({
      ...present({
        endpoint,
        region: region ?? (isElsewhere ? (process.env['AWS_REGION'] ?? 'us-east-1') : undefined),
      }),
      forcePathStyle: pathStyle ?? isElsewhere,
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: answerTimeoutMs,
        // Else the library prints a warning, and waits for ever.
        throwOnRequestTimeout: true,
      },
      // Other stores than AWS may not know the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async create(folder: string, name: string, body: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    try {
      await this.client.send(
        new PutObjectCommand({ ...this.at(folder, name), ...GZIP, Body: body, IfNoneMatch: '*' }),
        abortedBy(signal),
      );
      return true;
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return false;
      throw error;
    }
  }

  async write(folder: string, name: string, body: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    const object = this.at(folder, name);
    const upload = new Upload(this.client, object, signal);
    let last: Buffer = Buffer.alloc(0);
    try {
      for await (const piece of inPieces(body)) {
        if (last.length > 0) await upload.add(last);
        last = piece;
      }
      if (upload.hasBegun) await upload.complete(last);
      else await this.client.send(new PutObjectCommand({ ...object, ...GZIP, Body: last }), abortedBy(signal));
    } catch (error) {
      await upload.abandon();
      throw error;
    }
  }

  async list(folder: string, signal?: AbortSignal): Promise<readonly StoredObject[]> {
    const Prefix = `${this.prefix}${folder}/`;
    const objects: StoredObject[] = [];
    for (let token: string | undefined; ;) {
      const page = { Bucket: this.bucket, Prefix, Delimiter: '/', ...present({ ContinuationToken: token }) };
      const answer = await this.client.send(new ListObjectsV2Command(page), abortedBy(signal));
      for (const { Key = '', Size = 0 } of answer.Contents ?? []) {
        objects.push({ name: Key.slice(Prefix.length), bytes: Size });
      }
      token = answer.NextContinuationToken;
      if (answer.IsTruncated !== true || token === undefined) return objects;
    }
  }

  async *read(folder: string, name: string, { firstBytes, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const range = firstBytes === undefined ? {} : { Range: `bytes=0-${firstBytes - 1}` };
    const get = new GetObjectCommand({ ...this.at(folder, name), ...range });
    const { Body } = await this.client.send(get, abortedBy(signal));
    yield* Body as unknown as AsyncIterable<Uint8Array>;
  }

  async remove(folder: string, name: string, signal?: AbortSignal): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.at(folder, name)), abortedBy(signal));
  }

  close(): void {
    this.client.destroy();
  }

  private at(folder: string, name: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.bucket, Key: `${this.prefix}${folder}/${name}` };
  }
}

/** An object that is sent in several parts. */
class Upload {
  private readonly client: S3Client;
  private readonly object: { readonly Bucket: string; readonly Key: string };
  private readonly signal: AbortSignal | undefined;
  private readonly parts: CompletedPart[] = [];
  private id: string | undefined;

  constructor(client: S3Client, object: Upload['object'], signal: AbortSignal | undefined) {
    this.client = client;
    this.object = object;
    this.signal = signal;
  }

  get hasBegun(): boolean {
    return this.id !== undefined;
  }

  async add(body: Buffer): Promise<void> {
    const { client, object } = this;
    if (this.id === undefined) {
      const create = new CreateMultipartUploadCommand({ ...object, ...GZIP });
      this.id = (await client.send(create, abortedBy(this.signal))).UploadId!;
    }
    const PartNumber = this.parts.length + 1;
    const part = new UploadPartCommand({ ...object, UploadId: this.id, PartNumber, Body: body });
    const { ETag } = await client.send(part, abortedBy(this.signal));
    this.parts.push({ PartNumber, ETag });
  }

  async complete(last: Buffer): Promise<void> {
    await this.add(last);
    const { client, object, parts, id } = this;
    const complete = new CompleteMultipartUploadCommand({ ...object, UploadId: id, MultipartUpload: { Parts: parts } });
    await client.send(complete, abortedBy(this.signal));
  }

  /** What the store has of it costs money until it is removed. */
  async abandon(): Promise<void> {
    if (this.id === undefined) return;
    const abort = new AbortMultipartUploadCommand({ ...this.object, UploadId: this.id });
    await this.client.send(abort).catch(() => undefined);
  }
}

const GZIP = { ContentType: 'application/gzip' } as const;

function abortedBy(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return present({ abortSignal: signal });
}

/** Of the size of a part of an upload, but for the last. */
async function* inPieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < UPLOAD_PART_BYTES) continue;
    yield Buffer.concat(chunks);
    chunks = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(chunks);
}
