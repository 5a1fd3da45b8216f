// The subpaths by moduleResolution node10, which knows no `exports`: package.json's typesVersions. Compiled by
// test/65.types.js, never run.
import jwt from 'signet-jwt';
import sign = require('signet-jwt/sign');
import verify = require('signet-jwt/verify');
import decode = require('signet-jwt/decode');
import JsonWebTokenError = require('signet-jwt/lib/JsonWebTokenError');
import { protect } from 'signet-jwt/express';
import { createTestAuth } from 'signet-jwt/testing';
import { createSessionModel } from 'signet-jwt/mongoose';
import { createClient } from 'signet-jwt/client';

const token: string = sign({ id: 1 }, 'secret');
const typed: [typeof jwt.verify, typeof jwt.decode, Error] = [verify, decode, new JsonWebTokenError('no')];

export { createClient, createSessionModel, protect, token, typed, createTestAuth };
