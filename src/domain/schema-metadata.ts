import type { ReferentialAction, RelationField, ScalarField, SchemaMetadata } from '../database/index.js';

/*
 * What prisma/schema.prisma says, as holdfast needs to know it. A test holds it equal to what Prisma itself makes of the
 * schema, and prints the difference.
 */

const ENUMS = new Set(['ProjectStatus', 'JobType', 'JobStatus']);

/** A column of Prisma's type, perhaps `Type?`, `Type[]` or `Type @db.Native`, as the schema writes it. */
function column(name: string, declaration: string): ScalarField {
  const [declared = '', native] = declaration.split(' @db.');
  const type = declared.replace(/\?|\[\]/, '');
  return {
    kind: 'scalar',
    column: name,
    type,
    isEnum: ENUMS.has(type),
    nativeType: native ?? null,
    list: declared.endsWith('[]'),
    nullable: declared.endsWith('?'),
  };
}

/** The side of a relation that holds the foreign key, to the other model's `id`. */
function belongsTo(
  model: string,
  name: string,
  key: string,
  onDelete: ReferentialAction,
  nullable = false,
): RelationField {
  return {
    kind: 'relation',
    name,
    model,
    list: false,
    nullable,
    fields: [key],
    references: ['id'],
    onDelete,
    onUpdate: 'Cascade',
    joinTable: null,
  };
}

function hasMany(model: string, name: string): RelationField {
  return {
    kind: 'relation',
    name,
    model,
    list: true,
    nullable: false,
    fields: [],
    references: [],
    onDelete: null,
    onUpdate: null,
    joinTable: null,
  };
}

/** The metadata of the reference domain. */
export const schemaMetadata: SchemaMetadata = {
  models: {
    User: {
      name: 'User',
      table: 'users',
      schema: null,
      readOnly: false,
      shape: '5RLDAb2t4Ssb',
      id: ['id'],
      uniques: [['githubId'], ['email']],
      compoundKeys: {},
      fields: {
        id: column('id', 'String @db.Uuid'),
        githubId: column('github_id', 'String @db.VarChar'),
        email: column('email', 'String @db.VarChar'),
        username: column('username', 'String @db.VarChar'),
        name: column('name', 'String? @db.VarChar'),
        avatarUrl: column('avatar_url', 'String? @db.Text'),
        createdAt: column('created_at', 'DateTime @db.Timestamptz'),
        updatedAt: column('updated_at', 'DateTime @db.Timestamptz'),
        projects: hasMany('Project', 'ProjectToUser'),
        jobs: hasMany('ConversionJob', 'ConversionJobToUser'),
      },
    },
    Project: {
      name: 'Project',
      table: 'projects',
      schema: null,
      readOnly: false,
      shape: 'tkhqELB0fYFb',
      id: ['id'],
      uniques: [],
      compoundKeys: {},
      fields: {
        id: column('id', 'String @db.Uuid'),
        ownerId: column('owner_id', 'String @db.Uuid'),
        name: column('name', 'String @db.VarChar'),
        description: column('description', 'String? @db.Text'),
        version: column('version', 'String? @db.VarChar'),
        sourceStack: column('source_stack', 'Json'),
        targetStack: column('target_stack', 'Json?'),
        status: column('status', 'ProjectStatus'),
        analysis: column('analysis', 'Json?'),
        tags: column('tags', 'String[]'),
        fileCount: column('file_count', 'Int'),
        sizeBytes: column('size_bytes', 'BigInt'),
        estimatedCost: column('estimated_cost', 'Decimal @db.Decimal'),
        createdAt: column('created_at', 'DateTime @db.Timestamptz'),
        updatedAt: column('updated_at', 'DateTime @db.Timestamptz'),
        owner: belongsTo('User', 'ProjectToUser', 'ownerId', 'Cascade'),
        jobs: hasMany('ConversionJob', 'ConversionJobToProject'),
      },
    },
    ConversionJob: {
      name: 'ConversionJob',
      table: 'conversion_jobs',
      schema: null,
      readOnly: false,
      shape: 'W2jvqlpfcXON',
      id: ['id'],
      uniques: [],
      compoundKeys: {},
      fields: {
        id: column('id', 'String @db.Uuid'),
        projectId: column('project_id', 'String @db.Uuid'),
        userId: column('user_id', 'String? @db.Uuid'),
        type: column('type', 'JobType'),
        status: column('status', 'JobStatus'),
        progress: column('progress', 'Int @db.SmallInt'),
        attempts: column('attempts', 'Int @db.SmallInt'),
        maxAttempts: column('max_attempts', 'Int @db.SmallInt'),
        error: column('error', 'String? @db.Text'),
        result: column('result', 'Json?'),
        createdAt: column('created_at', 'DateTime @db.Timestamptz'),
        startedAt: column('started_at', 'DateTime? @db.Timestamptz'),
        finishedAt: column('finished_at', 'DateTime? @db.Timestamptz'),
        updatedAt: column('updated_at', 'DateTime @db.Timestamptz'),
        project: belongsTo('Project', 'ConversionJobToProject', 'projectId', 'Cascade'),
        user: belongsTo('User', 'ConversionJobToUser', 'userId', 'SetNull', true),
      },
    },
  },
};
