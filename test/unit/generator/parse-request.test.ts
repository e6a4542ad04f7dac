import { expect, test } from '@jest/globals';
import { parseRequest } from '../../../src/generator/parse-request.js';

/** As Prisma writes it, with this documentation in it. */
function request(documentation: string) {
  return {
    jsonrpc: '2.0',
    method: 'generate',
    params: {
      dmmf: {
        datamodel: { models: [{ name: 'A', documentation }] },
        schema: { inputObjectTypes: { prisma: [{ name: 'AWhereInput' }] } },
        mappings: { modelOperations: [{ model: 'A' }] },
      },
      datamodel: documentation,
    },
    id: 1,
  };
}

function parsed(given: object): object {
  return parseRequest(Buffer.from(JSON.stringify(given)));
}

test('a request is parsed without what describes the methods of the client', () => {
  const given = request('x');
  const { schema: _api, ...dmmf } = given.params.dmmf;
  expect(parsed(given)).toEqual({ ...given, params: { ...given.params, dmmf } });
});

test('what a comment of the schema says is not taken for a part of the request', () => {
  const text = '😀 ,"schema":{"inputObjectTypes": and ,"mappings":{"modelOperations":';
  expect(parsed(request(text))).toMatchObject({
    params: { datamodel: text, dmmf: { datamodel: { models: [{ documentation: text }] } } },
  });
  const { params } = request(text);
  const without = { ...request(text), params: { ...params, dmmf: { datamodel: params.dmmf.datamodel } } };
  expect(parsed(without)).toEqual(without);
});

test('another request is parsed as it is', () => {
  expect(parsed({ id: 1, method: 'getManifest', params: {} })).toEqual({
    id: 1,
    method: 'getManifest',
    params: {},
  });
});
