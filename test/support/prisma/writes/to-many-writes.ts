import type { HandPickedWrite } from './hand-picked-write.js';

const update = (model: string, id: object, data: object) => [model, 'update', { where: id, data }] as const;

const member = { member: { personId: 1, teamId: 1 } };

/** Nested writes through fields that lead to many rows: the key on the other side, or a join table. */
export const toManyWrites: readonly HandPickedWrite[] = [
  // One to many.
  [
    'create in a list',
    ...update('Person', { id: 1 }, { posts: { create: { id: 9, slug: 'k9' } } }),
    'own row; Person, Post appears',
    'left.persons',
  ],
  [
    'createMany in a list',
    'Person',
    'create',
    { data: { id: 9, email: 'k9', posts: { createMany: { data: [{ id: 9, slug: 'k9' }] } } } },
    'Person appears, Post appears',
  ],
  [
    'connect in a list',
    ...update('Person', { id: 1 }, { posts: { connect: [{ id: 3 }] } }),
    'own row; Person, Post any',
    'left.persons',
  ],
  [
    'connect in a list, within a create',
    'Person',
    'create',
    { data: { id: 9, email: 'k9', posts: { connect: [{ id: 3 }] } } },
    'Person appears, Post any',
  ],
  [
    'connectOrCreate in a list',
    ...update(
      'Person',
      { id: 1 },
      {
        posts: { connectOrCreate: [{ where: { slug: 'k3' }, create: { id: 9, slug: 'k3' } }] },
      },
    ),
    'own row; Person, Post any appears',
    'left.persons',
  ],
  [
    'set in a list',
    ...update('Person', { id: 2 }, { reviews: { set: [{ id: 2 }] } }),
    'own row; Person, Post any',
    'left.persons',
  ],
  [
    'disconnect in a list',
    ...update('Person', { id: 2 }, { reviews: { disconnect: { id: 1 } } }),
    'own row; Person, Post any',
    'left.persons',
  ],
  [
    'update in a list',
    ...update('Person', { id: 1 }, { posts: { update: { where: { id: 1 }, data: { title: 'x' } } } }),
    'own row; Person, Post any',
    'left.persons',
  ],
  [
    'update of a primary key in a list',
    ...update('Person', { id: 1 }, { posts: { update: { where: { id: 1 }, data: { id: 9 } } } }),
    'own row; Comment any, Label, Person, Post any appears',
    'left.persons',
  ],
  [
    'updateMany in a list',
    ...update('Person', { id: 1 }, { posts: { updateMany: { where: {}, data: { title: 'x' } } } }),
    'own row; Person, Post any',
    'left.persons',
  ],
  [
    'upsert in a list',
    ...update(
      'Person',
      { id: 1 },
      {
        posts: { upsert: { where: { id: 1 }, create: { id: 9, slug: 'k9' }, update: { title: 'x' } } },
      },
    ),
    'own row; Person, Post any appears',
    'left.persons',
  ],
  [
    'delete in a list',
    ...update('Person', { id: 1 }, { posts: { delete: { id: 1 } } }),
    'own row; Comment any, Label, Person, Post any',
    'left.persons',
  ],
  [
    'deleteMany in a list',
    ...update('Person', { id: 1 }, { posts: { deleteMany: {} } }),
    'own row; Comment any, Label, Person, Post any',
    'left.persons',
  ],
  [
    'set in a list, by a key of two columns',
    ...update('Membership', member, { tasks: { set: [{ id: 3 }] } }),
    'own row; Membership, Task any',
    'left.Membership',
  ],
  [
    'disconnect in a list, by a key of two columns',
    ...update('Membership', member, { tasks: { disconnect: [{ id: 1 }] } }),
    'own row; Membership, Task any',
    'left.Membership',
  ],
  [
    'connect in a list, within one table',
    ...update('Person', { id: 1 }, { mentees: { connect: { id: 4 } } }),
    'own row; Person any',
  ],
  // Implicit many to many.
  [
    'connect, many to many',
    ...update('Post', { id: 3 }, { labels: { connect: { id: 1 } } }),
    'own row; Label, Post',
    'left.Post',
  ],
  [
    'create, many to many',
    ...update('Post', { id: 3 }, { labels: { create: { id: 9, text: 'k9' } } }),
    'own row; Label appears, Post',
    'left.Post',
  ],
  [
    'connectOrCreate, many to many, within a create',
    'Post',
    'create',
    {
      data: {
        id: 9,
        slug: 'k9',
        author: { connect: { id: 1 } },
        labels: { connectOrCreate: { where: { id: 9 }, create: { id: 9, text: 'k9' } } },
      },
    },
    'Label appears, Post appears',
  ],
  [
    'set, many to many',
    ...update('Post', { id: 1 }, { labels: { set: [{ id: 3 }] } }),
    'own row; Label, Post',
    'left.Post',
  ],
  [
    'disconnect, many to many',
    ...update('Post', { id: 1 }, { labels: { disconnect: { id: 1 } } }),
    'own row; Label, Post',
    'left.Post',
  ],
  [
    'update, many to many, of a unique column',
    ...update('Post', { id: 1 }, { labels: { update: { where: { id: 1 }, data: { text: 'k9' } } } }),
    'own row; Label any appears, Post',
    'left.Post',
  ],
  [
    'updateMany, many to many',
    ...update('Post', { id: 1 }, { labels: { updateMany: { where: { id: 1 }, data: { text: 'k9' } } } }),
    'own row; Label any appears, Post',
    'left.Post',
  ],
  [
    'upsert, many to many',
    ...update(
      'Post',
      { id: 1 },
      {
        labels: { upsert: { where: { id: 9 }, create: { id: 9, text: 'k9' }, update: { text: 'x' } } },
      },
    ),
    'own row; Label any appears, Post',
    'left.Post',
  ],
  [
    'delete, many to many',
    ...update('Post', { id: 1 }, { labels: { delete: { id: 1 } } }),
    'own row; Label any, Post',
    'left.Post',
  ],
  [
    'deleteMany, many to many',
    ...update('Post', { id: 1 }, { labels: { deleteMany: {} } }),
    'own row; Label any, Post',
    'left.Post',
  ],
  [
    'connect, many to many within one table',
    ...update('Person', { id: 1 }, { friends: { connect: { id: 4 } } }),
    'own row; Person',
    'left.persons',
  ],
  [
    'set to nothing, many to many within one table, from the other end',
    ...update('Person', { id: 2 }, { friendsOf: { set: [] } }),
    'own row; Person',
    'left.persons',
  ],
  // Several steps.
  [
    'nesting four deep',
    ...update(
      'Country',
      { id: 1 },
      {
        persons: {
          update: {
            where: { id: 1 },
            data: {
              posts: {
                create: {
                  id: 9,
                  slug: 'k9',
                  comments: { create: { id: 9 } },
                  labels: { connect: { id: 1 } },
                },
              },
            },
          },
        },
      },
    ),
    'own row; Comment appears, Country, Label, Person any, Post appears',
    'left.persons right.Country',
  ],
  [
    'an upsert that nests in both of its parts',
    'Person',
    'upsert',
    {
      where: { id: 1 },
      create: { id: 1, email: 'k9', groups: { create: { id: 9 } } },
      update: { posts: { updateMany: { where: {}, data: { title: 'x' } } } },
    },
    'own row; Group appears, Person appears, Post any',
    'left.persons right.Group right._GroupToPerson',
  ],
];
