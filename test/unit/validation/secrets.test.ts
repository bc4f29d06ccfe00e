import { describe, expect, it } from 'vitest';
import { maskSecrets, secretWords } from '../../../src/validation/secrets.ts';

describe('maskSecrets', () => {
  it.each([
    ['url=jdbc:postgresql://reader:s3same@db/sales failed', 'url=jdbc:postgresql://reader:*****@db/sales failed'],
    ['{"user":"a","password":"s3same","port":1}', '{"user":"a","password":"*****","port":1}'],
    ['{\\"token\\":\\"s3same\\",\\"a\\":1}', '{\\"token\\":\\"*****\\",\\"a\\":1}'],
    ['properties {user=a, password=s3same}', 'properties {user=a, password=*****}'],
    ['user=a, password=sesame', 'user=a, password=*****'],
    ['sk-proj-A1b2C3d4E5f6A1b2C3d4E5f6_x failed', '***** failed'],
    ['sk-ant-api03-A1b2C3d4E5f6A1b2C3d4-x failed', '***** failed'],
    ['get /a?key=A1b2C3d4E5f6A1b2C3d4', 'get /a?key=*****'],
    ['run --db-password s3same --in s3a://a', 'run --db-password ***** --in s3a://a'],
    ['<password>s3same</password>', '<password>*****</password>'],
    ['Authorization: Bearer abcdef0123456789', 'Authorization: Bearer *****'],
    ['a\n-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\nb', 'a\n*****\nb'],
  ])('replaces the secret and nothing else: %s', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it.each([
    'java.lang.OutOfMemoryError: Java heap space',
    'password=os.environ["DB_PASSWORD"]',
    'password=getpass()',
    'DB_PASSWORD=`cat /mnt/password`',
    'password=!vault',
    'password=%s',
    'spark.ssl.keyPassword=*********(redacted)',
    'sk-recommendation-engine-x',
    'key: dt=2024/part-00000-3f2a1b4c-0d1e-4f2a-8b3c-4d5e6f7a8b9c-c000.snappy.parquet',
    'the key: A1b2C3d4E5f6A1b2C3d4E5f6 is unknown',
    'id:bigint,password:string',
    '{"password":"pw_hash"}',
    'select * from t where token = 5',
    "select * from t where password = 'x'",
    "select * from t where password='hash'",
    'Invalid token: expected a number',
    'password=$PASSWORD and token=${env:TOKEN}',
    '26/11/30 10:11:12 INFO SparkContext: Running Spark version 4.1.4',
    'arn:aws:secretsmanager:eu-central-1:000000000000:secret:db-1a2b3c',
  ])('leaves what is not secret: %s', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });
});

describe('secretWords', () => {
  it.each([
    [['--password', 'sesame'], [1]],
    [['--user', 'a', '-p', 's3same'], [3]],
    [['/usr/bin/mysql', '-h', 'db', '-p', 'sesame'], [4]],
    [['sqlplus', '-p', 'sesame'], [2]],
    [['-u', 'a:sesame'], [1]],
    [['--in', 's3a://a', '--token=sesame'], [2]],
    [['-p', '8080'], []],
    [['-p', 'table1'], []],
    [['--format', 'mysql', '-p', 'parquet'], []],
    [['-p', 'year2024/month1'], []],
    [['--user', 'etl', '-p', 'parquet'], []],
    [['--password', '$PASSWORD'], []],
    [['--password-file', '/mnt/password'], []],
    [['--password', '--force'], []],
    [['--secret', 'prod/db/creds', '--password-secret', 'db-creds'], []],
    [['--api-key', 'API_KEY', '--password', 'stdin', '--token', 'x'], []],
  ])('finds the secrets of %j', (words, indices) => {
    expect(secretWords(words)).toEqual(indices);
  });
});
