-- The first user ever becomes admin: under a lock, so that of two at once exactly one is the first. One statement for
-- the caller, because the driver does not survive a connection lost between the statements of a transaction.
-- Returns the role; null when the email is taken.
CREATE FUNCTION create_user(p_user_id text, p_email text, p_password_hash text, p_created_at bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_role text;
BEGIN
  LOCK TABLE app_user IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO app_user (user_id, email, password_hash, role, status, created_at)
    SELECT p_user_id, p_email, p_password_hash,
      CASE WHEN EXISTS (SELECT FROM app_user) THEN 'user' ELSE 'admin' END, 'active', p_created_at
    ON CONFLICT (email) DO NOTHING
    RETURNING role INTO v_role;
  RETURN v_role;
END
$$;
