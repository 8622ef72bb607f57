CREATE TABLE "venue_key" (
	"account_id" text collate "C" PRIMARY KEY NOT NULL,
	"user_id" text collate "C" NOT NULL,
	"venue" text collate "C" NOT NULL,
	"key_id" text collate "C" NOT NULL,
	"nonce" "bytea" NOT NULL,
	"ciphertext" "bytea" NOT NULL,
	"tail" text collate "C" NOT NULL,
	"set_at" bigint NOT NULL
);
