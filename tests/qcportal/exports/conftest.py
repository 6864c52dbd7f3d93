from tests.qcportal.exports.season import year

__all__ = ["year"]
