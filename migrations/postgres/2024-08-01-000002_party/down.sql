DROP TABLE distributor_appointment;
DROP TABLE delivery_address;
DROP TABLE refresh_token;
DROP TABLE refresh_family;
DROP TABLE login_attempt;
DROP TABLE portal_session;
DROP TABLE app_user;
DROP TABLE organisation;
