CREATE TABLE "command_result" (
	"user_id" text collate "C" NOT NULL,
	"command_id" text collate "C" NOT NULL,
	"args_hash" text collate "C" NOT NULL,
	"reply" text NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "command_result_user_id_command_id_pk" PRIMARY KEY("user_id","command_id")
);
--> statement-breakpoint
CREATE TABLE "deployment" (
	"id" smallint PRIMARY KEY NOT NULL,
	"epoch" text collate "C" NOT NULL,
	"restored_at" bigint
);
--> statement-breakpoint
CREATE TABLE "desk" (
	"desk_id" text collate "C" PRIMARY KEY NOT NULL,
	"shard" integer NOT NULL,
	"head" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "event" (
	"desk_id" text collate "C" NOT NULL,
	"seq" bigint NOT NULL,
	"version" integer NOT NULL,
	"kind" text collate "C" NOT NULL,
	"ts" bigint NOT NULL,
	"body" text NOT NULL,
	CONSTRAINT "event_desk_id_seq_pk" PRIMARY KEY("desk_id","seq")
);
--> statement-breakpoint
CREATE TABLE "lease" (
	"shard" integer PRIMARY KEY NOT NULL,
	"owner" text collate "C" NOT NULL,
	"token" bigint NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "snapshot" (
	"desk_id" text collate "C" PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL,
	"version" integer NOT NULL,
	"state" text NOT NULL,
	"view" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bill_history" (
	"desk_id" text collate "C" NOT NULL,
	"account_id" text collate "C" NOT NULL,
	"id" text collate "C" NOT NULL,
	"symbol" text collate "C",
	"coin" text collate "C" NOT NULL,
	"kind" text collate "C" NOT NULL,
	"amount" numeric NOT NULL,
	"ts" bigint NOT NULL,
	CONSTRAINT "bill_history_desk_id_account_id_id_pk" PRIMARY KEY("desk_id","account_id","id")
);
--> statement-breakpoint
CREATE TABLE "equity_history" (
	"desk_id" text collate "C" NOT NULL,
	"account_id" text collate "C" NOT NULL,
	"ts" bigint NOT NULL,
	"equity" numeric NOT NULL,
	"balance" numeric NOT NULL,
	CONSTRAINT "equity_history_desk_id_account_id_ts_pk" PRIMARY KEY("desk_id","account_id","ts")
);
--> statement-breakpoint
CREATE TABLE "fill_history" (
	"desk_id" text collate "C" NOT NULL,
	"account_id" text collate "C" NOT NULL,
	"id" text collate "C" NOT NULL,
	"bot_id" text collate "C",
	"symbol" text collate "C" NOT NULL,
	"ts" bigint NOT NULL,
	"body" text NOT NULL,
	CONSTRAINT "fill_history_desk_id_account_id_id_pk" PRIMARY KEY("desk_id","account_id","id")
);
--> statement-breakpoint
CREATE TABLE "order_history" (
	"desk_id" text collate "C" NOT NULL,
	"id" text collate "C" NOT NULL,
	"account_id" text collate "C" NOT NULL,
	"bot_id" text collate "C",
	"symbol" text collate "C" NOT NULL,
	"ts" bigint NOT NULL,
	"body" text NOT NULL,
	CONSTRAINT "order_history_desk_id_id_pk" PRIMARY KEY("desk_id","id")
);
--> statement-breakpoint
CREATE TABLE "trade_history" (
	"desk_id" text collate "C" NOT NULL,
	"id" text collate "C" NOT NULL,
	"account_id" text collate "C" NOT NULL,
	"bot_id" text collate "C",
	"symbol" text collate "C" NOT NULL,
	"ts" bigint NOT NULL,
	"body" text NOT NULL,
	CONSTRAINT "trade_history_desk_id_id_pk" PRIMARY KEY("desk_id","id")
);
--> statement-breakpoint
CREATE TABLE "app_user" (
	"user_id" text collate "C" PRIMARY KEY NOT NULL,
	"email" text collate "C" NOT NULL,
	"password_hash" text collate "C" NOT NULL,
	"role" text collate "C" NOT NULL,
	"status" text collate "C" NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "app_user_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "device" (
	"user_id" text collate "C" NOT NULL,
	"device_id" text collate "C" NOT NULL,
	"name" text collate "C" NOT NULL,
	"kind" text collate "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"last_seen_at" bigint NOT NULL,
	"revoked_at" bigint,
	CONSTRAINT "device_user_id_device_id_pk" PRIMARY KEY("user_id","device_id")
);
--> statement-breakpoint
CREATE TABLE "session" (
	"session_id" text collate "C" PRIMARY KEY NOT NULL,
	"user_id" text collate "C" NOT NULL,
	"device_id" text collate "C" NOT NULL,
	"token_hash" text collate "C" NOT NULL,
	"previous_hash" text collate "C",
	"rotated_at" bigint,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"revoked_at" bigint
);
--> statement-breakpoint
ALTER TABLE "device" ADD CONSTRAINT "device_user_id_app_user_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."app_user"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_device_id_device_user_id_device_id_fk" FOREIGN KEY ("user_id","device_id") REFERENCES "public"."device"("user_id","device_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "command_result_created" ON "command_result" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "desk_shard" ON "desk" USING btree ("shard");--> statement-breakpoint
CREATE INDEX "bill_history_ts" ON "bill_history" USING btree ("desk_id","ts","id","account_id");--> statement-breakpoint
CREATE INDEX "equity_history_ts" ON "equity_history" USING btree ("desk_id","ts","account_id");--> statement-breakpoint
CREATE INDEX "fill_history_ts" ON "fill_history" USING btree ("desk_id","ts","id","account_id");--> statement-breakpoint
CREATE INDEX "fill_history_bot" ON "fill_history" USING btree ("desk_id","bot_id","ts","id","account_id") WHERE "fill_history"."bot_id" is not null;--> statement-breakpoint
CREATE INDEX "order_history_ts" ON "order_history" USING btree ("desk_id","ts","id");--> statement-breakpoint
CREATE INDEX "order_history_bot" ON "order_history" USING btree ("desk_id","bot_id","ts","id") WHERE "order_history"."bot_id" is not null;--> statement-breakpoint
CREATE INDEX "trade_history_ts" ON "trade_history" USING btree ("desk_id","ts","id");--> statement-breakpoint
CREATE INDEX "trade_history_bot" ON "trade_history" USING btree ("desk_id","bot_id","ts","id") WHERE "trade_history"."bot_id" is not null;--> statement-breakpoint
CREATE INDEX "session_device" ON "session" USING btree ("user_id","device_id");